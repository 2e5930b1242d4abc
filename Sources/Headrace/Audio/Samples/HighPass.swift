/// Takes constants, mains hum and most of wind from samples at 16 kHz: a Butterworth filter of the fourth order at
/// 150 Hz, two sections (Oppenheim and Schafer, Discrete-Time Signal Processing, bilinear transform). Alike for all
/// microphones, it leaves the delays between them as they are. Networks that read samples hear from 250 Hz on, but
/// are given unit power over all frequencies.
struct HighPass {
  private struct Section {
    /// Of 1, -2 and 1 times the newest samples; and of the two outputs before.
    let gain, first, second: Float
    var newer: Float = 0
    var older: Float = 0

    init(gain: Float, first: Float, second: Float) {
      (self.gain, self.first, self.second) = (gain, first, second)
    }

    /// As if the value had been there forever.
    mutating func settle(at value: Float) {
      older = gain * value
      newer = older - 2 * gain * value
    }

    mutating func filter(_ value: Float) -> Float {
      let scaled = gain * value
      let output = scaled + newer
      newer = older - 2 * scaled - first * output
      older = scaled - second * output
      return output
    }
  }

  private var sharp = Section(gain: 0.97711939, first: -1.9525427, second: 0.95593500)
  private var flat = Section(gain: 0.94759363, first: -1.8935423, second: 0.89683217)
  private var isSettled = false

  /// The next sample, filtered. What the first one is, counts as a constant.
  mutating func filter(_ value: Float) -> Float {
    if !isSettled {
      sharp.settle(at: value)
      isSettled = true
    }
    return flat.filter(sharp.filter(value))
  }
}
