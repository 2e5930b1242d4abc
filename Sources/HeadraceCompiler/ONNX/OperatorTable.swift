/// ONNX operators and what imports each. The operator sets of versions 11 and later are covered; where
/// they differ the function asks `node.opset`.
extension Importer {
  typealias Build = @Sendable (inout Importer, OnnxNode) throws -> Void

  static let operators: [String: Build] = [
    // Convolution and pooling
    "Conv": { try $0.importConvolution($1) },
    "ConvTranspose": { try $0.importTransposedConvolution($1) },
    "MaxPool": { try $0.importPool(.max, $1) },
    "AveragePool": { try $0.importPool(.average, $1) },
    "GlobalAveragePool": { try $0.importGlobalPool(.mean, $1) },
    "GlobalMaxPool": { try $0.importGlobalPool(.max, $1) },
    // Matrices
    "Gemm": { try $0.importGemm($1) },
    "MatMul": { try $0.importMatMul($1) },
    // Functions of one number
    "Relu": { try $0.importUnary(.clamp(.relu), $1) },
    "Sigmoid": { try $0.importUnary(.sigmoid, $1) },
    "Tanh": { try $0.importUnary(.tanh, $1) },
    "HardSwish": { try $0.importUnary(.hardSwish, $1) },
    "Softplus": { try $0.importUnary(.softplus, $1) },
    "Softsign": { try $0.importUnary(.softsign, $1) },
    "Erf": { try $0.importUnary(.erf, $1) },
    "Exp": { try $0.importUnary(.exp, $1) },
    "Log": { try $0.importUnary(.log, $1) },
    "Sqrt": { try $0.importUnary(.sqrt, $1) },
    "Abs": { try $0.importUnary(.abs, $1) },
    "Neg": { try $0.importUnary(.neg, $1) },
    "Reciprocal": { try $0.importUnary(.reciprocal, $1) },
    "Floor": { try $0.importUnary(.floor, $1) },
    "Ceil": { try $0.importUnary(.ceil, $1) },
    "Round": { try $0.importUnary(.round, $1) },
    "Sin": { try $0.importUnary(.sin, $1) },
    "Cos": { try $0.importUnary(.cos, $1) },
    "LeakyRelu": {
      try $0.importUnary(.leakyRelu(slope: $1.float("alpha", default: 0.01)), $1)
    },
    "Elu": { try $0.importUnary(.elu(alpha: $1.float("alpha", default: 1)), $1) },
    "Selu": {
      try $0.importUnary(
        .selu(
          alpha: $1.float("alpha", default: 1.673_263_2),
          gamma: $1.float("gamma", default: 1.050_701)), $1)
    },
    "HardSigmoid": {
      try $0.importUnary(
        .hardSigmoid(
          alpha: $1.float("alpha", default: 0.2), beta: $1.float("beta", default: 0.5)), $1)
    },
    "Gelu": {
      let exact = try $1.string("approximate", default: "none") != "tanh"
      try $0.importUnary(exact ? .gelu : .geluTanh, $1)
    },
    "Swish": { try $0.importSwish($1) },
    "Clip": { try $0.importClip($1) },
    "PRelu": { try $0.importPRelu($1) },
    // Arithmetic
    "Add": { try $0.importBinary(.add, $1) },
    "Sub": { try $0.importBinary(.sub, $1) },
    "Mul": { try $0.importBinary(.mul, $1) },
    "Div": { try $0.importBinary(.div, $1) },
    "Pow": { try $0.importPow($1) },
    "Min": { try $0.importVariadic(.min, $1) },
    "Max": { try $0.importVariadic(.max, $1) },
    "Sum": { try $0.importVariadic(.add, $1) },
    "Mean": { try $0.importMean($1) },
    // Reductions and normalisations
    "ReduceMean": { try $0.importReduction(.mean, $1) },
    "ReduceSum": { try $0.importReduction(.sum, $1) },
    "ReduceMax": { try $0.importReduction(.max, $1) },
    "ReduceMin": { try $0.importReduction(.min, $1) },
    "ReduceSumSquare": { try $0.importSumOfSquares(root: false, $1) },
    "ReduceL2": { try $0.importSumOfSquares(root: true, $1) },
    "BatchNormalization": { try $0.importBatchNormalization($1) },
    "InstanceNormalization": { try $0.importInstanceNormalization($1) },
    "GroupNormalization": { try $0.importGroupNormalization($1) },
    "LayerNormalization": { try $0.importLayerNormalization($1) },
    "Softmax": { try $0.importSoftmax(logarithm: false, $1) },
    "LogSoftmax": { try $0.importSoftmax(logarithm: true, $1) },
    // Shapes and movement
    "Identity": { try $0.importIdentity($1) },
    "Dropout": { try $0.importDropout($1) },
    "Reshape": { try $0.importReshape($1) },
    "Flatten": { try $0.importFlatten($1) },
    "Squeeze": { try $0.importSqueeze($1) },
    "Unsqueeze": { try $0.importUnsqueeze($1) },
    "Transpose": { try $0.importTranspose($1) },
    "Expand": { try $0.importExpand($1) },
    "Tile": { try $0.importTile($1) },
    "Concat": { try $0.importConcat($1) },
    "Split": { try $0.importSplit($1) },
    "Slice": { try $0.importSlice($1) },
    "Gather": { try $0.importGather($1) },
    "Pad": { try $0.importPad($1) },
    "Resize": { try $0.importResize($1) },
    "Upsample": { try $0.importUpsample($1) },
    "DepthToSpace": { try $0.importDepthToSpace($1) },
    "SpaceToDepth": { try $0.importSpaceToDepth($1) },
    // Quantization
    "QuantizeLinear": { try $0.importQuantizeLinear($1) },
    "DequantizeLinear": { try $0.importDequantizeLinear($1) },
    // Computed while importing
    "Constant": { try $0.importConstant($1) },
    "ConstantOfShape": { try $0.importConstantOfShape($1) },
    "Shape": { try $0.importShape($1) },
    "Size": { try $0.importSize($1) },
    "Range": { try $0.importRange($1) },
    "Cast": { try $0.importCast($1) },
    "Equal": { try $0.importComparison($1) { $0 == $1 } },
    "Less": { try $0.importComparison($1) { $0 < $1 } },
    "Greater": { try $0.importComparison($1) { $0 > $1 } },
    "LessOrEqual": { try $0.importComparison($1) { $0 <= $1 } },
    "GreaterOrEqual": { try $0.importComparison($1) { $0 >= $1 } },
    "And": { try $0.importComparison($1) { $0 != 0 && $1 != 0 } },
    "Or": { try $0.importComparison($1) { $0 != 0 || $1 != 0 } },
    "Not": { try $0.importNot($1) },
    "Where": { try $0.importWhere($1) },
    "ReduceProd": { try $0.importProduct($1) },
  ]
}
