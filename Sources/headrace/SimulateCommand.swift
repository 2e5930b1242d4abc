import ArgumentParser
import Foundation
import HeadraceAcoustics

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Makes recordings of talkers in rooms, with the truth about where they are.",
    discussion: """
      Rooms of random size and reverberation are simulated by image sources, with walls and air that absorb \
      in octave bands. Writes a WAV file of 16 kHz for each scene, one channel a microphone, and \
      scenes.jsonl: a line for each with angles in degrees, distances in metres, RT60 in seconds and SNR in \
      decibels. A seed repeats a scene on every machine.

      Example:
        headrace simulate --speech sentences/ --array respeaker-4 --count 100 --seed 7 -o scenes/
      """)

  @Option(help: "A folder of WAV files of speech at 16 kHz, of one second or more each.")
  var speech: String

  @Option(help: "The microphones: the name of an array.")
  var array = "respeaker-4"

  @Option(name: .shortAndLong, help: "The folder to write.")
  var output: String

  @Option(help: "Scenes.")
  var count = 100

  @Option(help: "The first scene's number.")
  var first = 0

  @Option(help: "Repeats the same scenes.")
  var seed: UInt64 = 1

  @Option(help: "Seconds of each recording.")
  var seconds = 1.0

  // Unconditional: a range may begin with a minus sign.
  @Option(
    parsing: .unconditional, help: "Talkers at once: a number, or the fewest and the most.",
    transform: range)
  var talkers = 1.0...1.0

  @Option(
    parsing: .unconditional, help: "Seconds until sound has fallen by 60 dB.", transform: range)
  var rt60 = 0.2...0.8

  @Option(parsing: .unconditional, help: "Speech over noise in decibels.", transform: range)
  var snr = 0.0...20.0

  @Option(parsing: .unconditional, help: "Metres from the array to a talker.", transform: range)
  var distance = 1.0...3.0

  @Option(
    parsing: .unconditional, help: "Metres by which a talker is higher than the array.",
    transform: range)
  var height = -0.2...0.2

  @Option(
    parsing: .unconditional,
    help: "Which share of the noise's power comes from all around and is no sensor's.",
    transform: range)
  var diffuse = 0.0...0.0

  @Option(help: "Standard deviation of the microphones' gains in decibels.")
  var gainError = 0.0

  @Option(help: "Standard deviation of the microphones' places in millimetres.")
  var placeError = 0.0

  @Option(
    parsing: .unconditional, help: "Times as large as the array is: a family of arrays.",
    transform: range)
  var scale = 1.0...1.0

  @Flag(help: "All walls absorb alike, at all frequencies.")
  var plainWalls = false

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    try require((1...10_000_000).contains(count), "--count takes 1 to 10,000,000")
    try require((0...1_000_000_000).contains(first), "--first takes 0 to 1,000,000,000")
    try require(!output.isEmpty, "--output takes the name of a folder")
    try require(
      talkers.lowerBound == talkers.lowerBound.rounded()
        && talkers.upperBound == talkers.upperBound.rounded(),
      "--talkers takes whole numbers")
    try require((0.05...60).contains(seconds), "--seconds takes 0.05 to 60")
    try require(talkers.isWithin(1...8), "--talkers takes 1 to 8")
    try require(rt60.isWithin(0.1...2), "--rt60 takes 0.1 to 2 seconds")
    try require(snr.isWithin(-20...60), "--snr takes -20 to 60 dB")
    try require(distance.isWithin(0.3...8), "--distance takes 0.3 to 8 metres")
    try require(height.isWithin(-1.5...2.5), "--height takes -1.5 to 2.5 metres")
    try require(diffuse.isWithin(0...1), "--diffuse takes 0 to 1")
    try require((0...10).contains(gainError), "--gain-error takes 0 to 10 dB")
    try require((0...10).contains(placeError), "--place-error takes 0 to 10 mm")
    try require(scale.isWithin(0.2...5), "--scale takes 0.2 to 5")
  }

  private func require(_ holds: Bool, _ message: String) throws {
    if !holds { throw ValidationError(message) }
  }

  func run() throws {
    var sampler = SceneSampler(microphones: try MicrophonePlaces.named(array))
    sampler.seconds = seconds
    sampler.talkers = Int(talkers.lowerBound)...Int(talkers.upperBound)
    sampler.reverberation = rt60
    sampler.signalToNoise = snr
    sampler.distance = distance
    sampler.height = height
    sampler.diffuseShare = diffuse
    sampler.gainError = gainError
    sampler.placeError = placeError / 1000
    sampler.scale = scale
    sampler.hasVariedWalls = !plainWalls
    let sentences = try SoundFiles.speech(in: speech)
    try SceneWriter(
      sampler: sampler, speech: sentences, seed: seed, folder: OutputFolder(output),
      progress: ProgressLine(quiet: quiet)
    ).write(first..<first + count)
  }
}

/// "a" or "a...b" or "a,b".
@Sendable
private func range(_ text: String) throws -> ClosedRange<Double> {
  let ends = text.replacingOccurrences(of: "...", with: ",").split(separator: ",").map {
    Double($0)
  }
  guard ends.count == 1 || ends.count == 2, let low = ends[0], let high = ends.last!,
    low.isFinite, high.isFinite, low <= high
  else { throw ValidationError("\"\(text)\" is neither a number nor a range such as 0.2...0.8") }
  return low...high
}

extension ClosedRange<Double> {
  fileprivate func isWithin(_ other: ClosedRange<Double>) -> Bool {
    other.lowerBound <= lowerBound && upperBound <= other.upperBound
  }
}
