import Foundation
import HeadraceCompiler

/// Asks our methods about every room of some sets.
struct LocateMeasurement: Sendable {
  let methods: [LocateMethod]
  /// Milliseconds.
  let windows: [Int]
  /// The network's file and its name, if it is among the methods.
  let model: (path: String, bytes: Data)?
  let progress: ProgressLine

  func measure(_ set: RoomSet) throws -> LocateReport.Set {
    let rooms = try concurrentMap(set.rooms.count, "locating in \(set.name)", progress) {
      try measure(set.rooms[$0], of: set)
    }
    return LocateReport.Set(name: set.name, folder: set.folder, rooms: rooms)
  }

  private func measure(_ room: RoomSet.Room, of set: RoomSet) throws -> LocateReport.Room {
    let sound = try set.sound(room, atLeast: windows.max() ?? 0)
    let network = try model.map { model in
      try naming(model.path) { try NetworkSession(model.bytes) }
    }
    let truth = room.talkers[0].azimuth
    var result = LocateReport.Room(
      file: room.file, azimuth: truth, snr: room.snr, rt60: room.rt60,
      microphones: room.microphones, pieces: [], answers: [])
    for window in windows {
      let count = window * 16
      let first = sound.loudestPiece(frames: count)
      result.pieces.append(.init(window: window, first: first, count: count))
      let samples = sound.samples[first * sound.channels..<(first + count) * sound.channels]
      for method in methods {
        let locator = LocatePiece(
          microphones: room.microphones, method: method, network: method == .network ? network : nil
        )
        let azimuth = try naming(set.path(room)) { try locator.azimuth(samples) }
        result.answers.append(
          .init(method: method.name, window: window, azimuth: azimuth, truth: truth))
      }
    }
    return result
  }
}
