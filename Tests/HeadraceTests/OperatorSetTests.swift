import CHeadrace
import Testing

@testable import Headrace

@Suite struct OperatorSetTests {
  private func open(_ builder: ModelBuilder) throws -> OpenModel {
    try OpenModel(builder.file(), operators: hr_operators_int8_convolution())
  }

  /// What hr_model_open_with says of a model that it refuses as unsupported.
  private func refusal(_ builder: ModelBuilder) -> String {
    do {
      _ = try open(builder)
      return "accepted"
    } catch let refused as RefusedModel {
      return refused.status == HR_UNSUPPORTED_OPERATOR ? refused.message : "another status"
    } catch {
      return "another error"
    }
  }

  private func reshape(_ type: hrm_type) -> ModelBuilder {
    var model = ModelBuilder()
    let x = model.tensor(type, [2, 6])
    let y = model.tensor(type, [3, 4])
    model.add(HRM_RESHAPE, inputs: [x], outputs: [y])
    model.inputs = [x]
    model.outputs = [y]
    return model
  }

  @Test func aModelGivesTheSameBytesWithTheOperatorsItNeedsAsWithAll() throws {
    let network = SmallModels.network()
    let pattern = { (position: Int) in UInt8(truncatingIfNeeded: position * 29 + 5) }
    let all = try OpenSession(OpenModel(network)).run(pattern)
    #expect(try OpenSession(open(network)).run(pattern) == all)
  }

  @Test func anOperatorOutsideTheSetIsRefusedWithTheRemedy() {
    var network = SmallModels.network()
    network.operators[1].code = UInt16(HRM_TRANSPOSED_CONV2D.rawValue)
    #expect(
      refusal(network)
        == "an operator that the set does not have (operator 1); "
        + "open the model with hr_operators_all()")
  }

  @Test(arguments: [HRM_FLOAT32, HRM_INT16])
  func anOperatorOfTheSetOnAnotherTypeIsRefused(type: hrm_type) throws {
    #expect(throws: Never.self) { try OpenModel(reshape(type)) }
    #expect(
      refusal(reshape(type))
        == "an operand of a type that the set of operators does not take (operator 0); "
        + "open the model with hr_operators_all()")
    #expect(throws: Never.self) { try open(reshape(HRM_INT8)) }
  }

  @Test func aModelIsNotOpenedWithoutOperators() throws {
    let file = AlignedBytes(reshape(HRM_INT8).file())
    var model = hr_model()
    #expect(hr_model_open_with(&model, file.base, file.count, nil, nil) == HR_INVALID_ARGUMENT)
  }
}
