extension Sound {
  /// Where the loudest piece of a length begins, by the first channel's power: among those that follow one
  /// another from the start. Somebody speaks there.
  func loudestPiece(frames count: Int) -> Int {
    let first = channel(0)
    var (best, place) = (-1.0, 0)
    for start in stride(from: 0, through: frames - count, by: count) {
      let power = first[start..<start + count].reduce(0.0) { $0 + Double($1) * Double($1) }
      if power > best { (best, place) = (power, start) }
    }
    return place
  }
}
