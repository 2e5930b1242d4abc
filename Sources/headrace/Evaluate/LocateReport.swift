/// What an evaluation of localization found; `locate.json` is this.
struct LocateReport: Codable {
  struct Answer: Codable, Sendable {
    var method: String
    var window: Int
    /// Degrees; nil, and null in the file, if there was none.
    var azimuth: Double?
    var error: Double

    enum CodingKeys: String, CodingKey {
      case method, azimuth, error
      case window = "window_ms"
    }

    init(method: String, window: Int, azimuth: Double?, truth: Double) {
      self.method = method
      self.window = window
      self.azimuth = azimuth
      error = azimuth.map { LocateReport.error($0, truth) } ?? LocateReport.nowhere
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(method, forKey: .method)
      try container.encode(window, forKey: .window)
      try container.encode(azimuth, forKey: .azimuth)
      try container.encode(error, forKey: .error)
    }
  }

  /// A part of a recording, which all methods hear.
  struct Piece: Codable, Sendable {
    var window: Int
    /// In samples of each channel.
    var first: Int
    var count: Int

    enum CodingKeys: String, CodingKey {
      case first, count
      case window = "window_ms"
    }
  }

  struct Room: Codable, Sendable {
    var file: String
    var azimuth: Double
    var snr: Double
    var rt60: Double
    var microphones: [[Double]]
    var pieces: [Piece]
    var answers: [Answer]

    /// Noisy and reverberant at once.
    var isHard: Bool { snr < LocateReport.hard.snr && rt60 > LocateReport.hard.rt60 }

    func error(_ method: String, _ window: Int) -> Double? {
      answers.first { $0.method == method && $0.window == window }?.error
    }
  }

  struct Set: Codable, Sendable {
    var name: String
    var folder: String
    var rooms: [Room]
  }

  /// The error of no answer: what guessing costs.
  static let nowhere = 90.0

  /// Below so many decibels and above so many seconds a room is hard.
  static let hard = (snr: 10.0, rt60: 0.5)

  var producer: String
  /// What others' methods are, if they were asked.
  var peers: String?
  /// In the order of tables; those of other software have its name in front.
  var methods: [String]
  var windows: [Int]
  /// Where one band of noise, in decibels, or of reverberation, in seconds, ends and the next begins.
  var snrEdges = [5.0, 10, 15]
  var rt60Edges = [0.4, 0.6]
  var sets: [Set]

  enum CodingKeys: String, CodingKey {
    case producer, peers, methods, sets
    case windows = "windows_ms"
    case snrEdges = "snr_edges"
    case rt60Edges = "rt60_edges"
  }

  /// Degrees between two azimuths, 0 to 180.
  static func error(_ found: Double, _ truth: Double) -> Double {
    let turn = abs((found - truth).truncatingRemainder(dividingBy: 360))
    return min(turn, 360 - turn)
  }
}
