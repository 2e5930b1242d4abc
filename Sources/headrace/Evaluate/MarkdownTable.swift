/// A table in Markdown; the columns named in `left` hold text, the others numbers.
struct MarkdownTable {
  private var lines: [String]

  init(_ columns: [String], left: Set<Int>) {
    lines = [
      Self.line(columns),
      Self.line(columns.indices.map { left.contains($0) ? "---" : "---:" }),
    ]
  }

  mutating func add(_ cells: [String]) { lines.append(Self.line(cells)) }

  var text: String { lines.joined(separator: "\n") }

  private static func line(_ cells: [String]) -> String {
    "| " + cells.joined(separator: " | ") + " |"
  }
}
