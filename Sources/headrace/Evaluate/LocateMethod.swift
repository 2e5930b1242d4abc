import CHeadrace

/// The library's ways to find a direction.
enum LocateMethod: String, CaseIterable, Sendable {
  case network
  case samples
  case music
  case srpPhat = "srp-phat"

  var code: hr_locate_method {
    switch self {
    case .network: HR_LOCATE_NETWORK
    case .samples: HR_LOCATE_SAMPLES
    case .music: HR_LOCATE_MUSIC
    case .srpPhat: HR_LOCATE_SRP_PHAT
    }
  }

  /// In reports, where others' methods have such names too.
  var name: String { "headrace " + rawValue }

  /// Milliseconds from one answer to the next. A network averages all that it has said about a piece of sound, or
  /// reads the average of its frames, so it need not be asked as often.
  var period: UInt32 {
    switch self {
    case .network, .samples: 32
    case .music, .srpPhat: 8
    }
  }
}
