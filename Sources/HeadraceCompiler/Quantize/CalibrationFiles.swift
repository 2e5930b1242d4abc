import CHeadrace
import Foundation

/// Finds the calibration data that paths name: `.npy` arrays, or pictures if there are none.
func calibrationData(_ paths: [String], _ model: CompiledModel) throws -> any CalibrationData {
  let runner = try ModelRunner(model.bytes)
  let inputs = try (0..<runner.inputCount).map { try runner.input($0) }
  let names = inputs.map { String(cString: $0.name) }
  var arrays: [[String]] = Array(repeating: [], count: inputs.count)
  var pictures: [String] = []
  for path in paths {
    var (input, file) = (0, path)
    if let separator = path.firstIndex(of: "="),
      let named = names.firstIndex(of: String(path[..<separator]))
    {
      (input, file) = (named, String(path[path.index(after: separator)...]))
    }
    for file in try files(file) {
      if file.lowercased().hasSuffix(".npy") {
        arrays[input].append(file)
      } else {
        pictures.append(file)
      }
    }
  }
  guard pictures.isEmpty else {
    guard arrays.allSatisfy(\.isEmpty) else {
      throw CompilerError("calibrate with pictures or with .npy arrays, not both")
    }
    guard inputs.count == 1, !model.lowered.frameInputs.isEmpty else {
      throw CompilerError(
        "the network's input is not a picture; calibrate with .npy arrays", at: pictures[0])
    }
    return CalibrationPictures(pictures)
  }
  return try CalibrationArrays(
    arrays.map { try $0.map { try NumpyArray(contentsOf: $0) } }, inputs: inputs)
}

/// The file itself, or the arrays and pictures of a folder and the folders in it, in name order.
private func files(_ path: String) throws -> [String] {
  var isFolder: ObjCBool = false
  guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
    throw CompilerError("does not exist", at: path)
  }
  guard isFolder.boolValue else { return [path] }
  let kinds: Set = ["npy", "jpg", "jpeg", "ppm", "pgm"]
  let found = (FileManager.default.subpaths(atPath: path) ?? [])
    .filter { kinds.contains(($0 as NSString).pathExtension.lowercased()) }.sorted()
  guard !found.isEmpty else {
    throw CompilerError("holds no .npy, .jpg, .jpeg, .ppm or .pgm file", at: path)
  }
  return found.map { path + "/" + $0 }
}
