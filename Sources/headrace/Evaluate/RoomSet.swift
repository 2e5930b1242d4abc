import Foundation
import HeadraceAcoustics
import HeadraceCompiler

/// Recordings of one talker each, with the truth about them, in a folder as `headrace simulate` writes it.
struct RoomSet {
  /// A line of its list; of what `SceneTruth` has, what an evaluation uses.
  struct Room: Decodable {
    struct Talker: Decodable {
      var azimuth: Double
    }

    var file: String
    /// Degrees from x towards y.
    var talkers: [Talker]
    /// Seconds.
    var rt60: Double
    /// Decibels.
    var snr: Double
    /// Metres.
    var microphones: [[Double]]

    /// What is wrong with it, if anything.
    fileprivate var problem: String? {
      if talkers.count != 1 {
        return
          "lists \(talkers.count) talkers, and this compares with one: simulate with --talkers 1"
      }
      let numbers = [talkers[0].azimuth, rt60, snr] + microphones.joined()
      if !numbers.allSatisfy(\.isFinite) { return "holds what is no finite number" }
      for (value, range, what) in [
        (talkers[0].azimuth, -3600.0...3600.0, "an azimuth, degrees"),
        (rt60, 0...100, "rt60, seconds"), (snr, -200...200, "snr, decibels"),
      ] where !range.contains(value) {
        return String(
          format: "has %g for %@, which are %g to %g", value, what, range.lowerBound,
          range.upperBound)
      }
      if !(2...16).contains(microphones.count) || !microphones.allSatisfy({ $0.count == 3 }) {
        return "wants 2 to 16 microphones of three coordinates in metres"
      }
      return nil
    }
  }

  let name: String
  let folder: String
  let rooms: [Room]

  /// - Parameter most: how many rooms to take.
  init(_ folder: String, name: String, most: Int?) throws {
    self.name = name
    self.folder = folder
    let list = folder + "/" + SceneWriter.list
    guard FileManager.default.fileExists(atPath: list) else {
      throw CompilerError(
        "holds no \(SceneWriter.list) with the truth about its recordings, as headrace simulate writes it",
        at: folder)
    }
    let lines = try readFile(list).split(separator: UInt8(ascii: "\n")).prefix(most ?? .max)
    guard !lines.isEmpty else { throw CompilerError("lists no recordings", at: list) }
    rooms = try lines.enumerated().map { index, line in
      let place = "\(list): line \(index + 1)"
      guard let room = try? JSONDecoder().decode(Room.self, from: line) else {
        throw CompilerError(
          "is no JSON object with file, talkers, rt60, snr and microphones", at: place)
      }
      if let problem = room.problem { throw CompilerError(problem, at: place) }
      return room
    }
  }

  func path(_ room: Room) -> String { folder + "/" + room.file }

  /// The recording of a room, which has its microphones' channels and is long enough.
  func sound(_ room: Room, atLeast milliseconds: Int) throws -> Sound {
    let sound = try SoundFiles.read(path(room))
    guard sound.channels == room.microphones.count else {
      throw CompilerError(
        "has \(counted(sound.channels, "channel")), but \(SceneWriter.list) lists \(room.microphones.count)"
          + " microphones; a recording holds the microphones alone, in their order", at: path(room))
    }
    guard sound.frames >= milliseconds * 16 else {
      throw CompilerError(
        "holds \(sound.frames / 16) ms of sound, and a --window takes \(milliseconds) ms; shorten that, or"
          + " record it anew if it was cut off", at: path(room))
    }
    return sound
  }
}
