import Dispatch
import Foundation

/// A folder for what a command needs until it ends, or is ended by the user.
final class TemporaryFolder {
  let folder: OutputFolder
  private var watches: [any DispatchSourceSignal] = []
  /// Not one of the queues that work keeps busy.
  private let queue = DispatchQueue(label: "end")

  /// - Parameter parent: where it is to be made, and what is wrong with its files is told of; nil: where the system has
  ///   such folders.
  init(in parent: OutputFolder? = nil) throws {
    let place = parent?.url.path ?? FileManager.default.temporaryDirectory.path
    let name = (parent == nil ? "" : ".") + "headrace-\(UUID().uuidString)"
    let folder = try OutputFolder(place + "/" + name, for: parent)
    self.folder = folder
    watches = [SIGINT, SIGTERM, SIGHUP].compactMap { number in
      if ignoreSignal(number) { return nil }
      let watch = DispatchSource.makeSignalSource(signal: number, queue: queue)
      watch.setEventHandler {
        Self.removeFromUnderWork(folder)
        _exit(128 + number)
      }
      watch.resume()
      return watch
    }
  }

  func remove() {
    try? FileManager.default.removeItem(at: folder.url)
    for watch in watches {
      watch.cancel()
      signal(Int32(watch.handle), SIG_DFL)
    }
    // An end that has begun is left to finish.
    queue.sync {}
  }

  /// Under another name, so that nothing that still works on it adds to it meanwhile.
  private static func removeFromUnderWork(_ folder: OutputFolder) {
    let other = folder.url.appendingPathExtension("removed")
    let isMoved = rename(folder.url.path, other.path) == 0
    try? FileManager.default.removeItem(at: isMoved ? other : folder.url)
  }
}
