import Foundation
import HeadraceCompiler

/// What scripts do for an evaluation of split networks: WebP, general compressors, plots.
struct SplitPeers {
  let python: PythonEnvironment
  let work: OutputFolder

  /// A picture that went through WebP.
  struct WebP {
    let quality: Int
    let bytes: Int
    /// As PPM.
    let file: String
  }

  /// - Returns: for each picture one of each quality.
  func webp(_ pictures: [RGBPicture], qualities: [Int]) throws -> [[WebP]] {
    struct Answer: Decodable {
      let picture: Int
      let quality: Int
      let bytes: Int
      let file: String
    }
    for (index, picture) in pictures.enumerated() {
      try work.write(picture.ppm, "picture-\(index).ppm")
    }
    var found: [[WebP]] = pictures.map { _ in [] }
    let list = qualities.map(String.init).joined(separator: ",")
    try run("split_webp.py", [work.url.path, "\(pictures.count)", list]) { line in
      let answer = try scriptAnswer(Answer.self, line, from: "split_webp.py")
      guard found.indices.contains(answer.picture) else { return }
      found[answer.picture].append(
        .init(quality: answer.quality, bytes: answer.bytes, file: answer.file))
    }
    guard found.allSatisfy({ $0.map(\.quality) == qualities }) else {
      throw CompilerError("split_webp.py did not answer what was asked")
    }
    return found
  }

  /// Bytes of latents, each compressed on its own.
  struct Compressed: Decodable {
    let about: String
    let zlib: [Int]
    let zstd: [Int]
  }

  /// - Parameters:
  ///   - latents: of one head.
  ///   - elementBytes: of an element.
  ///   - channels: of the last axis; planes are tried too, and what is smaller counts.
  func compressed(_ latents: [[UInt8]], elementBytes: Int, channels: Int) throws -> Compressed {
    try work.write(Data(latents.joined()), "latents")
    var answer: Compressed?
    try run(
      "split_lossless.py",
      [work.path("latents"), "\(latents.count)", "\(elementBytes)", "\(channels)"]
    ) { answer = try scriptAnswer(Compressed.self, $0, from: "split_lossless.py") }
    guard let answer, answer.zlib.count == latents.count, answer.zstd.count == latents.count else {
      throw CompilerError("split_lossless.py did not answer about every latent")
    }
    return answer
  }

  /// - Parameter report: its file's bytes.
  /// - Returns: the plot.
  func draw(_ report: Data) throws -> Data {
    try work.write(report, "report.json")
    try run("split_plots.py", [work.path("report.json"), work.path("split.png")])
    return try readFile(work.path("split.png"))
  }

  private func run(
    _ script: String, _ arguments: [String], line: (String) throws -> Void = { _ in }
  ) throws {
    try python.run(ShippedFiles.evaluate.path(script), arguments, line: line)
  }
}
