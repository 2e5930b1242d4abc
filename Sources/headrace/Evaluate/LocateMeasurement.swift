import Foundation
import HeadraceCompiler

/// Asks our methods about every room of some sets.
struct LocateMeasurement: Sendable {
  let methods: [LocateMethod]
  /// Milliseconds.
  let windows: [Int]
  /// The network's file and its name, if one of the methods asks it.
  let model: (path: String, bytes: Data)?
  /// Those of the method that reads samples.
  let sampleNetworks: SampleNetworks?
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
        guard let locator = try locator(method, room, network) else { continue }
        let azimuth = try naming(set.path(room)) { try locator.azimuth(samples) }
        result.answers.append(
          .init(method: method.name, window: window, azimuth: azimuth, truth: truth))
      }
    }
    return result
  }

  /// nil where the method is not for the room's microphones.
  private func locator(
    _ method: LocateMethod, _ room: RoomSet.Room, _ network: NetworkSession?
  ) throws -> LocatePiece? {
    var locator = LocatePiece(microphones: room.microphones, method: method)
    if method == .network { locator.network = network }
    guard method == .samples else { return locator }
    locator.sampling = try sampleNetworks?.open(microphones: room.microphones.count)
    return locator.sampling != nil && locator.fits ? locator : nil
  }
}
