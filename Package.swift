// swift-tools-version: 6.2
import Foundation
import PackageDescription

// HEADRACE_EMBEDDED=1 swift build -c release   builds the library's sources as Embedded Swift.
let embedded = Context.environment["HEADRACE_EMBEDDED"] == "1"

// What runs on a board obeys Embedded Swift's restrictions in every build.
let board: [SwiftSetting] =
  [.enableExperimentalFeature("Lifetimes"), .treatAllWarnings(as: .error)]
  + (embedded
    ? [.enableExperimentalFeature("Embedded"), .unsafeFlags(["-wmo"])]
    : [.treatWarning("EmbeddedRestrictions", as: .error)])

// HEADRACE_VARIANTS=build/cmake/host: a folder where CMake has built the library. The command line then takes from
// there the kernels for the kinds of this machine's CPU, which SwiftPM cannot compile; else it has the portable ones.
#if arch(x86_64)
let variantNames = ["avx2", "vnni"]
#elseif arch(arm64)
let variantNames = ["dotprod"]
#else
let variantNames: [String] = []
#endif
let variants = (embedded ? nil : Context.environment["HEADRACE_VARIANTS"]).map { folder in
  variantNames.map { "\(folder)/HeadraceKernels_\($0).o" }
}

let workstation: [Target] = [
  .target(
    name: "HeadraceCompiler",
    dependencies: [
      "Headrace", "CHeadrace", "CHeadraceIO", "HeadraceIOParsing",
      .product(name: "SwiftProtobuf", package: "swift-protobuf"),
    ], exclude: ["Boards/PREDICTION.md"]),
  // Optimized in debug builds too: a room takes a billion operations.
  .target(name: "HeadraceAcoustics", swiftSettings: [.unsafeFlags(["-O"])]),
  .testTarget(name: "HeadraceAcousticsTests", dependencies: ["HeadraceAcoustics"]),
  .executableTarget(
    name: "HeadraceCommand",
    dependencies: [
      "HeadraceAcoustics", "HeadraceCompiler", "Headrace", "CHeadrace", "CHeadraceIO",
      "CMicroHTTPD",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    path: "Sources/headrace"),
  // Metrics of `headrace serve`.
  .systemLibrary(
    name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
  .testTarget(
    name: "HeadraceTests", dependencies: ["Headrace", "HeadraceKernels", "CHeadrace"],
    exclude: ["packet_reference.py"]),
  // Without HEADRACE_ALSA and libasound: the workstation captures no sound. libmosquitto, loaded at run time,
  // brings a tail's packets where its header is installed.
  .target(
    name: "CHeadraceIO", path: "Sources/HeadraceIO", exclude: ["Parsing"],
    publicHeadersPath: "internal",
    cSettings: [.headerSearchPath("."), .headerSearchPath("../../include")]
      + (FileManager.default.fileExists(atPath: "/usr/include/mosquitto.h")
        ? [.define("HEADRACE_MQTT")] : []),
    linkerSettings: [.linkedLibrary("jpeg")]),
  .target(
    name: "HeadraceIOParsing", dependencies: ["CHeadraceIO"], path: "Sources/HeadraceIO/Parsing",
    swiftSettings: board),
  .testTarget(
    name: "HeadraceIOTests", dependencies: ["CHeadraceIO", "HeadraceIOParsing", "Headrace"]),
  .testTarget(
    name: "HeadraceCompilerTests", dependencies: ["HeadraceCompiler", "Headrace", "CHeadrace"]),
]

let package = Package(
  name: "headrace",
  products: [
    .library(name: "Headrace", type: .static, targets: ["Headrace"])
  ] + (embedded ? [] : [.executable(name: "headrace", targets: ["HeadraceCommand"])]),
  dependencies: embedded
    ? []
    : [
      .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
      .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
  targets: [
    .target(name: "CHeadrace", linkerSettings: [.linkedLibrary("m")]),
    .target(name: "HeadraceKernels", dependencies: ["CHeadrace"], swiftSettings: board),
    .target(
      name: "Headrace", dependencies: ["CHeadrace", "HeadraceKernels"],
      exclude: ["Model/FORMAT.md", "Model/NORMALISATION.md", "Split/PACKET.md"],
      swiftSettings: board + (variants == nil ? [] : [.define("HEADRACE_VARIANTS")]),
      linkerSettings: variants.map { [.unsafeFlags($0)] } ?? []),
  ] + (embedded ? [] : workstation),
  swiftLanguageModes: [.v6]
)
