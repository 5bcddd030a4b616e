// A signal handler that interrupts oneDNN's generated matrix code on the same thread corrupts the heap: that code keeps data
// where the handler's stack frame goes. Node's handlers run on whatever thread the kernel picks, which is the main one, the one
// that calls TensorFlow. So signals are blocked there, and in the threads that TensorFlow starts later, and a thread that
// does nothing else takes them. Faults and the profiler's signal stay where they arise.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <initializer_list>

namespace {

void* wait_for_signals(void*) {
  for (;;) pause();
}

__attribute__((constructor)) void move_signals() {
  pthread_t thread;
  if (pthread_create(&thread, nullptr, wait_for_signals, nullptr) != 0) return;
  pthread_detach(thread);
  sigset_t signals;
  sigfillset(&signals);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGPROF}) sigdelset(&signals, fault);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace
