import CHeadrace
import Foundation
import HeadraceCompiler

/// Measures all methods, some pictures at a time, and puts the report together.
struct SplitEvaluation {
  let measurement: SplitMeasurement
  /// nil: neither WebP nor compressors.
  let scripts: SplitPeers?
  /// Qualities.
  let webp: [Int]
  let data: String
  let every: Int

  /// Pictures whose pixels are kept at a time.
  private static let chunk = 100

  func report() throws -> SplitReport {
    let pictures = measurement.data.pictures
    let withWebP = scripts != nil && measurement.unsplit != nil && !webp.isEmpty
    var found: [SplitMeasurement.Found] = []
    var files: [[SplitMeasurement.Found.Packet]] = []
    for start in stride(from: 0, to: pictures.count, by: Self.chunk) {
      let indices = start..<min(start + Self.chunk, pictures.count)
      var some = try measurement.run(indices, keepsPixels: withWebP)
      if withWebP, let scripts {
        let pixels = some.compactMap(\.pixels)
        files += try recompressed(pixels, indices.map { pictures[$0].label }, scripts)
        for index in some.indices { some[index].pixels = nil }
      }
      found += some
      measurement.progress.update("pictures", found.count, pictures.count)
    }
    measurement.progress.finish()
    return try report(found, files)
  }

  /// [picture][quality]
  private func recompressed(
    _ pixels: [RGBPicture], _ labels: [Int], _ scripts: SplitPeers
  ) throws -> [[SplitMeasurement.Found.Packet]] {
    let coded = try scripts.webp(pixels, qualities: webp)
    let jobs = coded.enumerated().flatMap { index, all in
      all.map { (file: $0.file, label: labels[index]) }
    }
    var isRight = try measurement.unsplitIsRight(jobs)[...]
    return coded.map { all in all.map { .init(bytes: $0.bytes, isRight: isRight.removeFirst()) } }
  }

  private func report(
    _ found: [SplitMeasurement.Found], _ files: [[SplitMeasurement.Found.Packet]]
  ) throws -> SplitReport {
    var report = SplitReport(
      producer: Compilation.producer, data: data, pictures: found.count, every: every, methods: [],
      lossless: [])
    if measurement.unsplit != nil {
      var method = SplitReport.Method(name: "unsplit", kind: .unsplit)
      method.accuracy =
        Double(found.count { $0.unsplitIsRight == true }) / Double(found.count)
      report.methods.append(method)
    }
    for (index, pair) in measurement.pairs.enumerated() {
      try add(pair, index, found, &report)
    }
    for (index, quality) in measurement.qualities.enumerated() where measurement.unsplit != nil {
      report.methods.append(
        method("JPEG, quality \(quality), unsplit", .jpeg, quality, found.map { $0.jpegs[index] }))
    }
    for (index, quality) in webp.enumerated() where !files.isEmpty {
      report.methods.append(
        method("WebP, quality \(quality), unsplit", .webp, quality, files.map { $0[index] }))
    }
    return report
  }

  private func method(
    _ name: String, _ kind: SplitReport.Kind, _ setting: Int?,
    _ packets: [SplitMeasurement.Found.Packet]
  ) -> SplitReport.Method {
    var method = SplitReport.Method(name: name, kind: kind)
    method.setting = setting
    method.set(bytes: packets.map(\.bytes))
    method.accuracy = Double(packets.count(where: \.isRight)) / Double(packets.count)
    return method
  }

  /// A pair's rates, its raw latents, and these compressed by others.
  private func add(
    _ pair: SplitMeasurement.Pair, _ index: Int, _ found: [SplitMeasurement.Found],
    _ report: inout SplitReport
  ) throws {
    let rates = found[0].packets[index].count
    for rate in 0..<rates {
      var entry = method(
        "\(pair.name), rate \(rate)", .packet, rate, found.map { $0.packets[index][rate] })
      entry.head = pair.name
      report.methods.append(entry)
    }
    let latents = found.map { $0.latents[index] }
    var raw = SplitReport.Method(name: "\(pair.name), raw latent", kind: .raw)
    raw.head = pair.name
    raw.set(bytes: latents.map(\.count))
    raw.accuracy = report.methods.last?.accuracy
    var lossless = SplitReport.Lossless(head: pair.name, belowRaw: 0)
    let ours = report.methods.last?.meanBytes ?? 0
    report.methods.append(raw)
    lossless.belowRaw = 1 - ours / (raw.meanBytes ?? 1)
    if let scripts, let output = pair.head.output {
      let compressed = try scripts.compressed(
        latents, elementBytes: output.type == HR_INT16 ? 2 : 1, channels: output.shape.last ?? 1)
      for (name, bytes) in [("zlib", compressed.zlib), ("zstd", compressed.zstd)] {
        var entry = SplitReport.Method(
          name: "\(pair.name), raw latent, \(name)", kind: .compressed)
        entry.head = pair.name
        entry.set(bytes: bytes)
        report.methods.append(entry)
        let below = 1 - ours / (entry.meanBytes ?? 1)
        if name == "zlib" { lossless.belowZlib = below } else { lossless.belowZstd = below }
      }
      report.compressors = compressed.about
    }
    report.lossless.append(lossless)
  }
}
