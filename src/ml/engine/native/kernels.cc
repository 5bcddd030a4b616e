// Operations of our own for TensorFlow on a CPU, registered when the binding that they are linked into is loaded.
//
// TensorFlow's wheel is built for SSE, and computes each of bias, softplus, its gradient and a loss in a pass of its own. These
// do what belongs together in one pass, with the widest vectors of the machine they run on. Single-threaded: at the sizes of
// dense layers (10^5 numbers, some 30 us) waking a second thread would cost more than it saves; so results never depend
// on the number of threads.
#include <cstdint>
#include <cstring>

#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_datatype.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

// Of tensorflow/c/kernels.h, which includes more of TensorFlow than the set-up keeps; a stable C interface.
extern "C" {
typedef struct TF_KernelBuilder TF_KernelBuilder;
typedef struct TF_OpKernelContext TF_OpKernelContext;
TF_KernelBuilder* TF_NewKernelBuilder(const char* op, const char* device, void* (*create)(void*),
                                      void (*compute)(void*, TF_OpKernelContext*), void (*destroy)(void*));
void TF_RegisterKernelBuilder(const char* name, TF_KernelBuilder* builder, TF_Status* status);
void TF_GetInput(TF_OpKernelContext* context, int index, TF_Tensor** tensor, TF_Status* status);
TF_Tensor* TF_AllocateOutput(TF_OpKernelContext* context, int index, TF_DataType type, const int64_t* shape, int rank,
                             size_t bytes, TF_Status* status);
void TF_OpKernelContext_Failure(TF_OpKernelContext* context, TF_Status* status);
}

#if defined(__x86_64__) && defined(__linux__)
#define WIDEST_VECTORS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDEST_VECTORS
#endif
#define ALWAYS_INLINE inline __attribute__((always_inline))

namespace {

/// exp(-a) for a >= 0, to 2 units in the last place; 0 from a = 87 on, where floats end.
ALWAYS_INLINE float exp_minus(float a) {
  const float x = a < 87.0f ? -a : -87.0f;
  constexpr float to_integer = 12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number
  const float shifted = x * 1.44269504f + to_integer;
  const float n = shifted - to_integer;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;  // Cephes expf
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  int32_t bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  const int32_t power = (bits - 0x4B400000 + 127) << 23;
  float scale;
  std::memcpy(&scale, &power, sizeof scale);
  return p * scale;
}

/// log(1 + e) for 0 <= e <= 1: 2 artanh(e / (2 + e)), whose series converges by a factor of 9 a term.
ALWAYS_INLINE float log1p_unit(float e) {
  const float s = e / (2.0f + e);
  const float q = s * s;
  float p = 1.0f / 15;
  p = p * q + 1.0f / 13;
  p = p * q + 1.0f / 11;
  p = p * q + 1.0f / 9;
  p = p * q + 1.0f / 7;
  p = p * q + 1.0f / 5;
  p = p * q + 1.0f / 3;
  return 2.0f * (s + s * q * p);
}

struct Softplus {
  float value;  // log(1 + exp(v))
  float slope;  // its derivative, the logistic function of v
};

ALWAYS_INLINE Softplus softplus(float v) {
  const float e = exp_minus(v < 0 ? -v : v);
  const float share = 1.0f / (1.0f + e);
  // Both sides are computed and one is taken; NaN, which compares as false, is passed on.
  const float value = (v > 0 ? v : 0.0f) + log1p_unit(e);
  const float slope = v < 0 ? e * share : share;
  return {v != v ? v : value, v != v ? v : slope};
}

WIDEST_VECTORS void bias_softplus(const float* x, const float* bias, int64_t rows, int64_t columns, float* y, float* slope) {
  for (int64_t row = 0; row < rows; row++, x += columns, y += columns, slope += columns)
    for (int64_t i = 0; i < columns; i++) {
      const Softplus at = softplus(x[i] + bias[i]);
      y[i] = at.value;
      slope[i] = at.slope;
    }
}

/// The sum of softplus(l) - x l over a row, l = product + bias, and (logistic(l) - x) * scale.
WIDEST_VECTORS float bernoulli_row(const float* product, const float* bias, const float* x, int64_t columns, float scale,
                                   float* gradient) {
  constexpr int lanes = 16;
  float sums[lanes] = {};
  int64_t i = 0;
  for (; i + lanes <= columns; i += lanes)
    for (int k = 0; k < lanes; k++) {
      const float logit = product[i + k] + bias[i + k];
      const Softplus at = softplus(logit);
      sums[k] += at.value - x[i + k] * logit;
      gradient[i + k] = (at.slope - x[i + k]) * scale;
    }
  float sum = 0;
  for (; i < columns; i++) {
    const float logit = product[i] + bias[i];
    const Softplus at = softplus(logit);
    sum += at.value - x[i] * logit;
    gradient[i] = (at.slope - x[i]) * scale;
  }
  for (const float lane : sums) sum += lane;
  return sum;
}

/// The tensors and the status of one call, freed with it.
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  ~Call() {
    for (int i = 0; i < held_; i++) TF_DeleteTensor(tensors_[i]);
    TF_DeleteStatus(status_);
  }
  TF_Tensor* input(int index) {
    TF_Tensor* tensor = nullptr;
    if (ok()) TF_GetInput(context_, index, &tensor, status_);
    return hold(tensor);
  }
  float* output(int index, const int64_t* shape, int rank) {
    int64_t count = 1;
    for (int i = 0; i < rank; i++) count *= shape[i];
    TF_Tensor* tensor = nullptr;
    if (ok()) tensor = TF_AllocateOutput(context_, index, TF_FLOAT, shape, rank, count * sizeof(float), status_);
    return data(hold(tensor));
  }
  static float* data(TF_Tensor* tensor) { return tensor ? static_cast<float*>(TF_TensorData(tensor)) : nullptr; }
  bool ok() const { return TF_GetCode(status_) == TF_OK; }
  bool require(bool condition, const char* message) {
    if (ok() && !condition) TF_SetStatus(status_, TF_INVALID_ARGUMENT, message);
    return ok();
  }
  void finish() {
    if (!ok()) TF_OpKernelContext_Failure(context_, status_);
  }

 private:
  TF_Tensor* hold(TF_Tensor* tensor) {
    if (tensor) tensors_[held_++] = tensor;
    return tensor;
  }
  TF_OpKernelContext* context_;
  TF_Status* status_;
  TF_Tensor* tensors_[8];
  int held_ = 0;
};

bool is_matrix_with_bias(TF_Tensor* x, TF_Tensor* bias) {
  return TF_NumDims(x) == 2 && TF_NumDims(bias) == 1 && TF_Dim(x, 1) == TF_Dim(bias, 0);
}

void compute_bias_softplus(void*, TF_OpKernelContext* context) {
  Call call(context);
  TF_Tensor* x = call.input(0);
  TF_Tensor* bias = call.input(1);
  if (call.ok() && call.require(is_matrix_with_bias(x, bias), "AtelierBiasSoftplus takes x [rows, n] and bias [n].")) {
    const int64_t shape[] = {TF_Dim(x, 0), TF_Dim(x, 1)};
    float* y = call.output(0, shape, 2);
    float* slope = call.output(1, shape, 2);
    if (call.ok()) bias_softplus(Call::data(x), Call::data(bias), shape[0], shape[1], y, slope);
  }
  call.finish();
}

void compute_bernoulli(void*, TF_OpKernelContext* context) {
  Call call(context);
  TF_Tensor* product = call.input(0);
  TF_Tensor* bias = call.input(1);
  TF_Tensor* x = call.input(2);
  TF_Tensor* scale = call.input(3);
  const char* takes = "AtelierBernoulli takes product [rows, n], bias [n], x [rows, n] and a scalar scale.";
  if (call.ok() && call.require(is_matrix_with_bias(product, bias) && TF_NumDims(x) == 2 && TF_NumDims(scale) == 0 &&
                                    TF_Dim(x, 0) == TF_Dim(product, 0) && TF_Dim(x, 1) == TF_Dim(product, 1),
                                takes)) {
    const int64_t shape[] = {TF_Dim(x, 0), TF_Dim(x, 1)};
    float* loss = call.output(0, nullptr, 0);
    float* gradient = call.output(1, shape, 2);
    if (call.ok()) {
      const float by = *Call::data(scale);
      double sum = 0;
      for (int64_t row = 0, at = 0; row < shape[0]; row++, at += shape[1])
        sum += bernoulli_row(Call::data(product) + at, Call::data(bias), Call::data(x) + at, shape[1], by, gradient + at);
      *loss = static_cast<float>(sum * by);
    }
  }
  call.finish();
}

void add(const char* op, const char* const* inputs, const char* const* outputs,
         void (*compute)(void*, TF_OpKernelContext*)) {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(op);
  for (; *inputs; inputs++) TF_OpDefinitionBuilderAddInput(definition, *inputs);
  for (; *outputs; outputs++) TF_OpDefinitionBuilderAddOutput(definition, *outputs);
  TF_RegisterOpDefinition(definition, status);
  if (TF_GetCode(status) == TF_OK)
    TF_RegisterKernelBuilder(op, TF_NewKernelBuilder(op, "CPU", nullptr, compute, nullptr), status);
  TF_DeleteStatus(status);
}

__attribute__((constructor)) void add_operations() {
  const char* const softplus_inputs[] = {"x: float", "bias: float", nullptr};
  const char* const softplus_outputs[] = {"y: float", "slope: float", nullptr};
  add("AtelierBiasSoftplus", softplus_inputs, softplus_outputs, compute_bias_softplus);
  const char* const bernoulli_inputs[] = {"product: float", "bias: float", "x: float", "scale: float", nullptr};
  const char* const bernoulli_outputs[] = {"loss: float", "gradient: float", nullptr};
  add("AtelierBernoulli", bernoulli_inputs, bernoulli_outputs, compute_bernoulli);
}

}  // namespace
