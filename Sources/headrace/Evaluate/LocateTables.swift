import Foundation
import HeadraceCompiler

/// A report as Markdown: errors of each set by window, then of all rooms by noise and reverberation.
struct LocateTables {
  let report: LocateReport
  /// Files of plots beside it, with what they show.
  let plots: [(file: String, title: String)]

  var text: String {
    let pictures = plots.map { "![\($0.title)](\($0.file))" }
    return
      (["# Errors of sound localization", introduction] + pictures + report.sets.map(section)
      + ["## Mean error by noise and reverberation, all rooms"] + report.windows.map(bands))
      .joined(separator: "\n\n") + "\n"
  }

  private var introduction: String {
    let hard = LocateReport.hard
    return """
      Written by `headrace evaluate locate`, \(report.producer). Degrees of azimuth between an answer and \
      the talker; \(number(LocateReport.nowhere)) where there is no answer. Of each recording the loudest \
      piece of a window's length is heard. Hard rooms: SNR below \(number(hard.snr)) dB and RT60 above \
      \(number(hard.rt60)) s. headrace hears 300 to 7,000 Hz in 180 directions, its network in \
      120, those that read samples in 360, for some arrays alone\(report.peers.map { "; " + $0 } ?? ""). \
      Behind ± is a mean's standard error: by about that much it would be another in other rooms of the kind.
      """
  }

  private func section(_ set: LocateReport.Set) -> String {
    var table = MarkdownTable(
      ["window", "method", "mean error", "median", "mean, hard rooms"], left: [1])
    for window in report.windows {
      for method in report.methods {
        let errors = set.rooms.compactMap { $0.error(method, window) }
        let hard = set.rooms.filter(\.isHard).compactMap { $0.error(method, window) }
        table.add([
          "\(window) ms", method, uncertain(errors), cell(median(errors)), uncertain(hard),
        ])
      }
    }
    let counts = Swift.Set(set.rooms.map(\.microphones.count)).sorted().map(String.init)
    return """
      ## \(set.name.printable)

      \(counted(set.rooms.count, "room")), \(set.rooms.count(where: \.isHard)) of them hard; \
      \(counts.joined(separator: " or ")) microphones.

      \(table.text)
      """
  }

  private func bands(_ window: Int) -> String {
    var table = MarkdownTable(["SNR, dB", "RT60, s", "rooms"] + report.methods, left: [])
    for noise in bands(report.snrEdges) {
      for reverberation in bands(report.rt60Edges) {
        let rooms = report.sets.flatMap(\.rooms).filter {
          noise.range.contains($0.snr) && reverberation.range.contains($0.rt60)
        }
        guard !rooms.isEmpty else { continue }
        table.add(
          [noise.name, reverberation.name, "\(rooms.count)"]
            + report.methods.map { method in
              cell(mean(rooms.compactMap { $0.error(method, window) }))
            })
      }
    }
    return "### \(window) ms\n\n" + table.text
  }

  private func bands(_ edges: [Double]) -> [(name: String, range: Range<Double>)] {
    let ends = [-Double.infinity] + edges + [.infinity]
    return zip(ends, ends.dropFirst()).map { low, high in
      let name =
        if low == -.infinity { "below \(number(high))" } else if high == .infinity {
          "\(number(low)) and more"
        } else { "\(number(low)) to \(number(high))" }
      return (name, low..<high)
    }
  }

  private func number(_ value: Double) -> String { String(format: "%g", value) }
  private func cell(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "-" }

  /// A mean and its standard error.
  private func uncertain(_ values: [Double]) -> String {
    guard let mean = mean(values), values.count > 1 else { return cell(mean(values)) }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = (squares / Double(values.count * (values.count - 1))).squareRoot()
    return cell(mean) + " ± " + cell(error)
  }

  private func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  private func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    return (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
  }
}
