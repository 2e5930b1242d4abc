import Foundation
import HeadraceCompiler

/// A data set's pictures and their classes, from a list: a line for each picture, its path in the data set's folder
/// and numbers between commas, the last of which is the class.
struct LabelledPictures {
  struct Picture: Sendable {
    /// As the list has it.
    let name: String
    let path: String
    let label: Int
  }

  let pictures: [Picture]

  /// - Parameters:
  ///   - list: nil: the file test.txt in the folder.
  ///   - every: takes the first of so many pictures.
  init(_ folder: String, list: String?, every: Int) throws {
    let file = list ?? folder + "/test.txt"
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
    else { throw CompilerError("is no folder; name that of the data set", at: folder) }
    let text = String(decoding: try readFile(file), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
    let all = try lines.enumerated().map { index, line in
      let parts = line.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      guard parts.count >= 2, let label = Int(parts[parts.count - 1]), label >= 0 else {
        throw CompilerError(
          "line \(index + 1) is not PATH, CLASS with a class from 0 on", at: file)
      }
      return Picture(name: parts[0], path: folder + "/" + parts[0], label: label)
    }
    guard !all.isEmpty else { throw CompilerError("lists no picture", at: file) }
    pictures = stride(from: 0, to: all.count, by: every).map { all[$0] }
    if let absent = pictures.first(where: { !FileManager.default.fileExists(atPath: $0.path) }) {
      throw CompilerError("is not there, but \(file) lists it", at: absent.path)
    }
  }
}
