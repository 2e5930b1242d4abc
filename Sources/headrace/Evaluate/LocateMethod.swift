import CHeadrace

/// The library's ways to find a direction.
enum LocateMethod: String, CaseIterable, Sendable {
  case network
  case music
  case srpPhat = "srp-phat"

  var code: hr_locate_method {
    switch self {
    case .network: HR_LOCATE_NETWORK
    case .music: HR_LOCATE_MUSIC
    case .srpPhat: HR_LOCATE_SRP_PHAT
    }
  }

  /// In reports, where others' methods have such names too.
  var name: String { "headrace " + rawValue }

  /// Milliseconds from one answer to the next. The network averages all that it has said about a piece of sound,
  /// so it need not be asked as often.
  var period: UInt32 { self == .network ? 32 : 8 }
}
