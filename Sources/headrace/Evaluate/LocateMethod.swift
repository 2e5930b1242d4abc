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

  /// Milliseconds from one answer to the next, the last of which comes at the end of a piece of sound. A network
  /// averages all that it has said about a piece, or reads the average of its frames, so it need not be asked as often.
  func period(window: Int) -> UInt32 {
    switch self {
    case .network, .samples: UInt32((16...32).last { window % $0 == 0 } ?? 32)
    case .music, .srpPhat: 8
    }
  }
}
