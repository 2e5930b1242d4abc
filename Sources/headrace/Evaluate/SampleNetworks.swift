import Foundation
import HeadraceCompiler

/// Networks that read samples and come with the program, by how many microphones they are for.
struct SampleNetworks: Sendable {
  private struct Files: Sendable {
    var samples: Data
    var judge: Data
  }
  private var files: [Int: Files] = [:]

  private static let counts = [4, 7]

  private static func path(_ count: Int) -> String {
    ShippedFiles.models.path("beamlearning/circle-\(count).hrm")
  }

  static var areThere: Bool {
    counts.allSatisfy { FileManager.default.fileExists(atPath: path($0)) }
  }

  init() throws {
    for count in Self.counts {
      let path = Self.path(count)
      guard FileManager.default.fileExists(atPath: path) else {
        throw CompilerError(
          "a network of samples is not there; say --method network,music,srp-phat", at: path)
      }
      files[count] = Files(
        samples: try readFile(path), judge: try readFile(path.dropLast(4) + ".judge.hrm"))
    }
  }

  /// Sessions of a network and its judge; nil if none is for so many microphones.
  func open(microphones count: Int) throws -> (network: NetworkSession, judge: NetworkSession)? {
    try files[count].map { (try NetworkSession($0.samples), try NetworkSession($0.judge)) }
  }
}
