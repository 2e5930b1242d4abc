extension MicrophoneArray {
  /// Hands out the steering vectors: for every bin, microphone and direction the real and the imaginary part, in
  /// Q31, by which sound from there reaches that microphone, of bins that are `binWidth` Hz apart.
  func steer(
    _ grid: DirectionGrid, firstBin: Int, bins: Int, binWidth: Float,
    _ set: (_ bin: Int, _ microphone: Int, _ direction: Int, _ re: Int32, _ im: Int32) -> Void
  ) {
    for direction in 0..<grid.count {
      let vector = grid.vector(direction)
      for microphone in 0..<count {
        // Seconds: sound reaches microphones on its side earlier.
        let lead = Double(position(microphone).dot(vector)) / Double(Self.speedOfSound)
        for bin in 0..<bins {
          let turn = SineQ31.turn(Double(binWidth) * Double(firstBin + bin) * lead)
          set(bin, microphone, direction, SineQ31.cosine(turn), SineQ31.sine(turn))
        }
      }
    }
  }
}
