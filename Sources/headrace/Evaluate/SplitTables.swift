import Foundation
import HeadraceCompiler

/// A report of split networks as Markdown.
struct SplitTables {
  let report: SplitReport
  /// The plot's file beside it, if there is one.
  let figure: String?

  var text: String {
    ([
      "# Bytes and accuracy of split networks", introduction,
      figure.map { "![Accuracy by bytes of a picture](\($0))" }, methods, lossless,
    ] as [String?]).compactMap(\.self).joined(separator: "\n\n") + "\n"
  }

  private var introduction: String {
    """
    Written by `headrace evaluate split`, \(report.producer), on \(counted(report.pictures, "picture")) of \
    \(URL(fileURLWithPath: report.data).standardizedFileURL.lastPathComponent.printable)\
    \(report.every > 1 ? ", one of \(report.every) of its list" : ""). Packets are counted whole, with header and \
    checksum, and went through the library: head, packet, tail. Files hold the pixels that the unsplit network sees, \
    and it answers for what is decoded from them. "p99": a hundredth of the pictures take more.
    """
  }

  private var methods: String {
    var table = MarkdownTable(
      ["method", "bytes, mean", "bytes, p99", "accuracy", "points below unsplit"], left: [0])
    for method in report.methods {
      let lost = report.unsplit.flatMap { whole in method.accuracy.map { 100 * (whole - $0) } }
      table.add([
        method.name, number(method.meanBytes, 0), number(method.highBytes, 0),
        method.accuracy.map { String(format: "%.1f %%", 100 * $0) } ?? "as raw",
        number(lost, 1),
      ])
    }
    return table.text
  }

  private var lossless: String? {
    guard !report.lossless.isEmpty else { return nil }
    var table = MarkdownTable(["head", "below raw", "below zlib", "below zstd"], left: [0])
    for entry in report.lossless {
      table.add(
        [entry.head]
          + [entry.belowRaw, entry.belowZlib, entry.belowZstd].map { share in
            share.map { String(format: "%.1f %%", 100 * $0) } ?? "-"
          })
    }
    return """
      ## Latents without loss

      How much less packets of all layers and bits take, header and checksum included, than the latent's elements as \
      they are and these compressed\(report.compressors.map { " (\($0))" } ?? "").

      \(table.text)
      """
  }

  private func number(_ value: Double?, _ places: Int) -> String {
    value.map { String(format: "%.\(places)f", $0) } ?? "-"
  }
}
