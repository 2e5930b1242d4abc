import Foundation
import HeadraceCompiler

/// Runs our methods on pictures and compares what all methods made of them with the truth.
struct EnhanceMeasurement {
  let pairs: [PicturePairs.Pair]
  /// Takes results, as PPM files.
  let work: OutputFolder
  let progress: ProgressLine

  /// What a method made: a file for each pair.
  struct Outcome {
    var method: EnhanceReport.Method
    let files: [String]
  }

  /// What is there already.
  func outcome(_ name: String, _ kind: EnhanceReport.Kind, _ files: [String]) -> Outcome {
    Outcome(
      method: .init(name: name, kind: kind, pictures: files.map { _ in .init() }), files: files)
  }

  /// One picture after the other, because they are timed.
  func run(_ enhancer: PictureEnhancer) throws -> Outcome {
    let name = enhancer.variant.name
    let files = pairs.indices.map {
      String(format: "\(enhancer.variant.tier)-\(enhancer.variant.arithmetic)-%06d.ppm", $0)
    }
    var result = outcome(name, .headrace, files.map(work.path))
    var macs = 0
    for (index, pair) in pairs.enumerated() {
      let dark = try RGBPicture(reading: pair.dark)
      let enhanced = try naming(pair.name) { try enhancer.enhance(dark) }
      try work.write(enhanced.picture.ppm, files[index])
      result.method.pictures[index].milliseconds = enhanced.milliseconds
      macs += enhancer.macs(dark)
      progress.update(name, index + 1, pairs.count)
    }
    progress.finish()
    result.method.tier = enhancer.variant.tier
    result.method.type = enhancer.variant.arithmetic.rawValue
    result.method.parameters = enhancer.parameters
    result.method.gmac = Double(macs) / Double(pairs.count) / 1e9
    return result
  }

  /// Sets the figures that take the truth.
  func compare(_ outcomes: inout [Outcome]) throws {
    let jobs = outcomes.indices.flatMap { method in pairs.indices.map { (method, $0) } }
    let files = outcomes.map(\.files)
    let found = try concurrentMap(jobs.count, "comparing", progress) { index in
      let (method, picture) = jobs[index]
      let truth = try RGBPicture(reading: pairs[picture].truth)
      let made = try RGBPicture(reading: files[method][picture])
      guard made.width == truth.width, made.height == truth.height else {
        throw CompilerError("is of another size than its truth", at: files[method][picture])
      }
      let similarity = PictureSimilarity(a: made, b: truth)
      return (psnr: similarity.psnr, ssim: similarity.ssim)
    }
    for ((method, picture), figures) in zip(jobs, found) {
      outcomes[method].method.pictures[picture].psnr = figures.psnr
      outcomes[method].method.pictures[picture].ssim = figures.ssim
    }
  }

  /// What comes back of pictures that are light.
  func wellLit(
    _ folder: EvaluateEnhanceCommand.Pictures.Folder, _ enhancer: PictureEnhancer
  ) throws -> EnhanceReport.WellLit {
    var result = EnhanceReport.WellLit(
      folder: folder.path, method: enhancer.variant.name, pictures: [])
    for (name, file) in zip(folder.names, folder.files) {
      let picture = try RGBPicture(reading: file)
      let enhanced = try naming(name) { try enhancer.enhance(picture) }
      let similarity = PictureSimilarity(a: picture, b: enhanced.picture)
      result.pictures.append(
        .init(name: name, psnr: similarity.psnr, strength: enhanced.strength))
      progress.update(
        "\(enhancer.variant.name), well-lit", result.pictures.count, folder.names.count)
    }
    progress.finish()
    return result
  }
}
