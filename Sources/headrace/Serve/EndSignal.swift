import Dispatch
import Foundation

/// Waits for the user to end the program: SIGINT, as by Ctrl-C, SIGTERM, or SIGHUP.
final class EndSignal {
  private let semaphore = DispatchSemaphore(value: 0)
  private var watches: [any DispatchSourceSignal] = []

  init() {
    watches = [SIGINT, SIGTERM, SIGHUP].compactMap { number in
      let wasIgnored = ignoreSignal(number)
      // A terminal that goes away; a shell has what it starts in the background ignore Ctrl-C, too.
      if wasIgnored, number == SIGHUP { return nil }
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
