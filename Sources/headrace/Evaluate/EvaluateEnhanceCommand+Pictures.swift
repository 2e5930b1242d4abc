import Foundation
import HeadraceCompiler

/// Where pictures are from.
extension EvaluateEnhanceCommand {
  /// That are there and hold some.
  struct Folders {
    let pairs: PicturePairs
    let wellLit: [PictureFolder]
    /// nil: none was named, or a model was.
    let pristine: PictureFolder?

    var hasPNG: Bool {
      ([pairs.dark, pairs.truth, pristine].compactMap(\.self) + wellLit).contains(where: \.hasPNG)
    }
  }

  func folders() throws -> Folders {
    Folders(
      pairs: try PicturePairs(data),
      wellLit: try wellLit.map { try PictureFolder($0, purpose: "well-lit pictures") },
      pristine: try pristine.flatMap(photographs))
  }

  /// nil for a file, which is a model.
  private func photographs(_ path: String) throws -> PictureFolder? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw CompilerError(
        "is not there; --pristine takes a folder of photographs, or a model of NIQE's", at: path)
    }
    return isFolder.boolValue
      ? try PictureFolder(path, purpose: "photographs that NIQE takes for pristine") : nil
  }

  /// Files that every method reads.
  struct Pictures {
    struct Folder {
      let path: String
      let names: [String]
      let files: [String]
    }

    let pairs: [PicturePairs.Pair]
    /// The truths, and what was named.
    let wellLit: [Folder]
    let pristine: EnhancePeers.Pristine
  }

  /// - Parameter work: takes what is converted.
  func pictures(
    _ folders: Folders, _ python: PythonEnvironment?, _ work: OutputFolder, _ progress: ProgressLine
  ) throws -> Pictures {
    func decoded(_ folder: PictureFolder, _ name: String) throws -> [String] {
      try folder.decoded(python, into: OutputFolder(work.path(name)))
    }
    let pairs = try folders.pairs.decoded(python, work, progress)
    let truths = pairs.map(\.truth)
    let truth = folders.pairs.truth
    let wellLit = try folders.wellLit.enumerated().map { index, folder in
      Pictures.Folder(
        path: folder.path, names: folder.names, files: try decoded(folder, "well-lit-\(index)"))
    }
    let natural: EnhancePeers.Pristine =
      if let folder = folders.pristine {
        .pictures(name: folder.name, files: try decoded(folder, "pristine"))
      } else if let pristine { .model(pristine) } else {
        .pictures(name: truth.name, files: truths)
      }
    return Pictures(
      pairs: pairs, wellLit: [.init(path: truth.path, names: truth.names, files: truths)] + wellLit,
      pristine: natural)
  }
}
