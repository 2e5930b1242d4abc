import CHeadrace

/// Text in the model's bytes: not NUL-terminated.
struct Text {
  let start: UnsafePointer<CChar>
  let count: Int

  /// Line `index`, counted from 0; a last line may lack its newline.
  func line(_ index: UInt32) -> Text? {
    let newline = CChar(0x0a)
    var remaining = index
    var first = 0
    while remaining > 0 {
      while first < count, start[first] != newline { first &+= 1 }
      guard first < count else { return nil }
      first &+= 1
      remaining &-= 1
    }
    guard first < count else { return nil }
    var end = first
    while end < count, start[end] != newline { end &+= 1 }
    return Text(start: start + first, count: end - first)
  }
}

extension Model {
  /// The value of the first entry whose key is the NUL-terminated `key`.
  func metadata(_ key: UnsafePointer<CChar>) -> Text? {
    for index in 0..<view.metadataCount {
      let entry = view.metadata[index]
      let candidate = view.strings + Int(entry.key)
      var position = 0
      while candidate[position] == key[position], key[position] != 0 { position &+= 1 }
      guard candidate[position] == key[position] else { continue }
      return Text(start: view.strings + Int(entry.value), count: Int(entry.value_bytes))
    }
    return nil
  }

  func metadata(_ key: StaticString) -> Text? {
    metadata(UnsafeRawPointer(key.utf8Start).assumingMemoryBound(to: CChar.self))
  }

  func label(_ index: UInt32) -> Text? { metadata("labels")?.line(index) }
}
