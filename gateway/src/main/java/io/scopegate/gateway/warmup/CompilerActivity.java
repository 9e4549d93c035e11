package io.scopegate.gateway.warmup;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;

/** Tells when the JVM's compiler has nothing more to do. For one thread. */
final class CompilerActivity {
  /** So many looks one after the other must find it doing nearly nothing. */
  private static final int QUIET_LOOKS = 8;

  /** It may take that long between two looks, for single methods. */
  private static final long QUIET_MILLIS = 4;

  private final LongSupplier totalMillis;
  private long lastMillis;
  private int quiet;

  /**
   * Of a compiler.
   *
   * @param totalMillis how long it has compiled until now; always the same when that is not known
   */
  CompilerActivity(LongSupplier totalMillis) {
    this.totalMillis = totalMillis;
    this.lastMillis = totalMillis.getAsLong();
  }

  static CompilerActivity ofThisProcess() {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    return compiler == null || !compiler.isCompilationTimeMonitoringSupported()
        ? new CompilerActivity(System::currentTimeMillis) // never quiet
        : new CompilerActivity(compiler::getTotalCompilationTime);
  }

  /** Looks again; whether it has been quiet for the last looks. */
  boolean isQuiet() {
    long now = totalMillis.getAsLong();
    quiet = now - lastMillis <= QUIET_MILLIS ? quiet + 1 : 0;
    lastMillis = now;
    return quiet >= QUIET_LOOKS;
  }
}
