import CHeadrace
import Foundation
import HeadraceCompiler

/// A tail, and the head whose packets it answers.
final class ServedTail: Sendable {
  let name: String
  /// The head's, as packets have it.
  let identity: UInt32
  let model: OpenModel
  /// nil: the tail's own file says all about the head.
  let head: OpenModel?
  /// Of the head's latent: "14x14x40 int8 in 6 layers".
  let latent: String
  let classes: Int

  fileprivate init(path: String, model: OpenModel, head: OpenModel?) throws {
    self.model = model
    self.head = head
    name = model.metadata("name").flatMap { $0.isEmpty ? nil : $0 } ?? path
    let session = try NetworkSession(model)
    let split = try SplitTail(session, head: head)
    identity = split.identity
    guard let input = model.input, let output = model.output else {
      throw CompilerError("has no input or no output")
    }
    let probe = PacketHead(hr_packet_info()).answer(HR_OK, arrived: 0)
    var answer = probe
    try RuntimeError.check { hr_answer_from_session(&answer, session.session, 1, $0) }
    classes = output.shape.reduce(1, *)
    let described = head?.output ?? input
    let layers = (head ?? model).metadata("latent.layers")?.split(separator: " ").count ?? 1
    latent =
      described.shape.dropFirst().map(String.init).joined(separator: "x")
      + (layers == 1 ? "" : " in \(layers) layers")
  }

  var hexadecimalIdentity: String { String(format: "%08x", identity) }

  /// "split-tail (head 5a3c00f1)".
  var description: String { "\(name.printable) (head \(hexadecimalIdentity))" }
}

extension ServedTail {
  /// Opens tails and finds each one's head: that which its file names, else the next of those that no other file
  /// names.
  /// - Parameter tails: `.hrm` files, or `.onnx` files that are compiled to float32.
  static func open(tails: [String], heads: [String]) throws -> [ServedTail] {
    let files = try heads.map { path in
      try naming(path) {
        let bytes = [UInt8](try readFile(path))
        return HeadFile(path: path, model: try OpenModel(bytes), latent: try LatentHead(bytes))
      }
    }
    let compiled = try tails.map { path in
      path.lowercased().hasSuffix(".onnx")
        ? nil : try naming(path) { try OpenModel([UInt8](readFile(path))) }
    }
    let named = Set(compiled.compactMap { $0?.namedHead })
    var free = files.filter { !named.contains(checksumText($0.latent.identity)) }[...]
    var served: [ServedTail] = []
    for (path, model) in zip(tails, compiled) {
      let tail = try naming(path) {
        if let model, model.namedHead != nil {
          return try ServedTail(path: path, model: model, head: nil)
        }
        guard let head = free.popFirst() else {
          throw CompilerError(
            "does not say which head it belongs to; add --head HEAD.hrm, or compile it with --head")
        }
        guard let model else {
          return try ServedTail(
            path: path, model: OpenModel(network: path, tailOf: head.latent), head: nil)
        }
        return try ServedTail(path: path, model: model, head: head.model)
      }
      if let other = served.first(where: { $0.identity == tail.identity }) {
        throw CompilerError(
          "is for head \(tail.hexadecimalIdentity), as \(other.name.printable) is; a head has one tail",
          at: path)
      }
      served.append(tail)
    }
    if let head = free.first {
      throw CompilerError("no tail is left for this head; add its --tail", at: head.path)
    }
    return served
  }

  private struct HeadFile {
    let path: String
    let model: OpenModel
    let latent: LatentHead
  }
}

private func checksumText(_ word: UInt32) -> String { String(format: "%08x", word) }

extension OpenModel {
  /// The head that a tail's file names, as 8 hexadecimal digits.
  fileprivate var namedHead: String? {
    metadata("latent.head")?.split(separator: " ").first.map(String.init)
  }
}
