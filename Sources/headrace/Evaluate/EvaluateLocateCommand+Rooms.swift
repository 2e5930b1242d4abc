import Foundation
import HeadraceAcoustics
import HeadraceCompiler

/// Where rooms are from: folders, archives of NumPy's, or the simulator.
extension EvaluateLocateCommand {
  static func isArchive(_ path: String) -> Bool { path.lowercased().hasSuffix(".npz") }

  /// Of a set, in tables.
  static func name(_ path: String) -> String {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    return (isArchive(path) ? url.deletingPathExtension() : url).lastPathComponent
  }

  func open(_ folder: String) throws -> RoomSet {
    try RoomSet(folder, name: Self.name(folder), most: rooms)
  }

  func unpack(
    _ archive: String, _ python: PythonEnvironment, into folder: OutputFolder
  ) throws -> RoomSet {
    let unpacked = folder.path("rooms/" + Self.name(archive))
    try python.run(
      ShippedFiles.evaluate.path("locate_rooms.py"), [archive, unpacked, "\(rooms ?? 0)"])
    return try RoomSet(unpacked, name: Self.name(archive), most: rooms)
  }

  /// What makes rooms, once the array and the speech are known to be there.
  func maker(_ progress: ProgressLine) throws -> (OutputFolder) throws -> RoomSet {
    let name = array ?? "respeaker-4"
    var sampler = SceneSampler(microphones: try MicrophonePlaces.named(name))
    sampler.seconds = max(1, Double(windows.max() ?? 0) / 1000)
    let sentences = try SoundFiles.speech(in: speech ?? "")
    let (count, seed) = (rooms ?? 100, seed ?? 1)
    return { [sampler] folder in
      let made = try OutputFolder(folder.path("rooms/" + name))
      try SceneWriter(
        sampler: sampler, speech: sentences, seed: seed, folder: made, progress: progress
      ).write(0..<count)
      return try RoomSet(made.url.path, name: name, most: nil)
    }
  }
}
