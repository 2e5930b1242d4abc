import Foundation

extension ModelDescription {
  /// One line of JSON. Keys are in snake case and sorted.
  public var json: String {
    get throws { try encodeJSON(self) }
  }

  /// For a terminal.
  public var text: String {
    var text = ""
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      let lines = value.split(separator: "\n", omittingEmptySubsequences: true)
      let line = String(lines.first ?? "")
      let shown =
        lines.count > 1
        ? "\(lines.count) lines"
        : line.count > 100 ? "\(line.prefix(60))... (\(line.count) characters)" : line
      text += "\(key): \(shown)".printable + "\n"
    }
    text += "id: \(id)\n\n"
    var interface = TextTable(
      [
        ("", .leading), ("name", .leading), ("shape", .leading), ("type", .leading),
        ("scale", .trailing), ("zero", .trailing), ("source layout", .leading),
      ])
    for (role, tensors) in [("input", inputs), ("output", outputs)] {
      for tensor in tensors {
        interface.add([
          role, tensor.name, Self.shape(tensor.shape), tensor.type,
          tensor.scale.map { String(format: "%.6g", $0) } ?? "",
          tensor.zeroPoint.map(String.init) ?? "",
          tensor.channelsFirstSource ? "channels first" : "",
        ])
      }
    }
    text += interface.text
    for frame in frameInputs {
      let ranges = zip(frame.black, frame.white).map { String(format: "%.3g ... %.3g", $0, $1) }
      let color = frame.color == "gray" ? frame.color : frame.color.uppercased()
      text += "frames for \(frame.input): ".printable
      text += "\(color), fitted by \(frame.fit), pixels 0 ... 255 become "
      text += (Set(ranges).count == 1 ? [ranges[0]] : ranges).joined(separator: ", ") + "\n"
    }
    text += "\n"
    var table = TextTable(
      [
        ("#", .trailing), ("operator", .leading), ("output", .leading), ("shape", .leading),
        ("type", .leading), ("MACs", .trailing), ("parameters", .trailing),
        ("arena", .leading),
      ])
    for op in operators {
      let extent = "\(op.arenaOffset) + \(op.arenaBytes)" + (op.inPlace ? " in place" : "")
      table.add([
        String(op.index), op.name, op.output, Self.shape(op.shape), op.type,
        op.macs == 0 ? "" : quantity(op.macs), op.parameters == 0 ? "" : quantity(op.parameters),
        extent,
      ])
    }
    text += table.text + "\n"
    var map = TextTable([("section", .leading), ("offset", .trailing), ("bytes", .trailing)])
    for section in sections {
      map.add([section.name, String(section.offset), String(section.bytes)])
    }
    text += map.text + "\n"
    text +=
      "\(counted(operators.count, "operator")), \(quantity(macs)) MACs, \(quantity(parameters)) parameters"
    text += usesFloat ? ", uses floating point\n" : ", fixed point only\n"
    text += "file \(fileBytes) bytes, of them weights and tables \(weightBytes)\n"
    text += "arena \(arenaBytes) bytes (peak of live tensors \(arenaLowerBound)),"
    text += " scratch \(scratchBytes) a thread, session \(sessionBytes) with one thread\n"
    if let prediction { text += "\n" + prediction.text }
    return text
  }

  private static func shape(_ shape: [Int]) -> String {
    shape.map(String.init).joined(separator: "x")
  }
}

/// A count with three digits and k, M or G.
public func quantity(_ count: Int) -> String {
  var (value, unit) = (Double(count), "")
  for next in ["k", "M", "G"] where value >= 1000 { (value, unit) = (value / 1000, next) }
  guard !unit.isEmpty else { return String(count) }
  return String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value) + " " + unit
}

/// One line of JSON with sorted keys in snake case.
public func encodeJSON(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  // JSONEncoder leaves U+007F ... U+009F as they are, which steer terminals too.
  return String(decoding: try encoder.encode(value), as: UTF8.self).unicodeScalars
    .reduce(into: "") { json, scalar in
      if scalar.properties.generalCategory == .control {
        json += String(format: "\\u%04x", scalar.value)
      } else {
        json.unicodeScalars.append(scalar)
      }
    }
}
