import Dispatch
import Foundation

/// A folder for what a command needs until it ends, or is ended by the user.
final class TemporaryFolder {
  let folder: OutputFolder
  private var watches: [any DispatchSourceSignal] = []

  init() throws {
    let folder = try OutputFolder(
      FileManager.default.temporaryDirectory.path + "/headrace-\(UUID().uuidString)")
    self.folder = folder
    watches = [SIGINT, SIGTERM, SIGHUP].compactMap { number in
      // Else the default action comes first.
      let before = signal(number, SIG_IGN)
      // As nohup has it.
      guard unsafeBitCast(before, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self) else {
        return nil
      }
      let watch = DispatchSource.makeSignalSource(signal: number, queue: .global())
      watch.setEventHandler {
        try? FileManager.default.removeItem(at: folder.url)
        _exit(128 + number)
      }
      watch.resume()
      return watch
    }
  }

  func remove() {
    for watch in watches {
      watch.cancel()
      signal(Int32(watch.handle), SIG_DFL)
    }
    try? FileManager.default.removeItem(at: folder.url)
  }
}
