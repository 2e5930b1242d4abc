import Dispatch
import Foundation

/// Waits for the user to end the program: SIGINT, as by Ctrl-C, or SIGTERM.
final class EndSignal {
  private let semaphore = DispatchSemaphore(value: 0)
  private var watches: [any DispatchSourceSignal] = []

  init() {
    watches = [SIGINT, SIGTERM].map { number in
      // Else the default action comes first.
      signal(number, SIG_IGN)
      let watch = DispatchSource.makeSignalSource(signal: number, queue: .global())
      watch.setEventHandler { [semaphore] in
        semaphore.signal()
        // Who asks twice means it.
        signal(number, SIG_DFL)
      }
      watch.resume()
      return watch
    }
  }

  deinit { for watch in watches { watch.cancel() } }

  /// - Returns: whether it came within so many seconds.
  func wait(seconds: Double) -> Bool { semaphore.wait(timeout: .now() + seconds) == .success }
}
