import Foundation

/// Has a signal do nothing by itself, so that a dispatch source gets it before the default action ends the program.
/// - Returns: whether it did nothing before, as nohup has it.
func ignoreSignal(_ number: Int32) -> Bool {
  unsafeBitCast(signal(number, SIG_IGN), to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
}
