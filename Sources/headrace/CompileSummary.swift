import Foundation
import HeadraceCompiler

extension Compilation.Summary {
  /// A few lines for a terminal.
  func text(_ path: String) -> String {
    var lines = [
      "\(path): \(counted(operators, "operator")), \(quantity(macs)) MACs, \(quantity(parameters)) parameters, "
        + (usesFloat ? "uses floating point" : "fixed point only")
    ]
    let spare = 100 * Double(arenaBytes - arenaLowerBound) / Double(max(arenaLowerBound, 1))
    lines.append(
      "file \(fileBytes) bytes, arena \(arenaBytes) bytes, "
        + (arenaBytes == arenaLowerBound
          ? "the peak of live tensors"
          : String(format: "%.1f %% over the peak of live tensors", spare)))
    if let samples, let tensors {
      let worst = tensors.first { $0.decibel != nil }
      var line = "signal over noise at the outputs "
      line += outputDecibel.map { String(format: "%.1f dB", $0) } ?? "exact"
      line += " over \(counted(samples, "sample"))"
      if let worst, let decibel = worst.decibel {
        line += "; worst tensor \(worst.name.printable), \(String(format: "%.1f dB", decibel))"
      }
      lines.append(line)
    }
    lines += notes.map { "note: \($0.printable)" }
    return lines.joined(separator: "\n") + "\n"
  }
}
