package io.scopegate.gateway.request;

/**
 * The {@code grpc-timeout} header: at most eight digits and a unit, <a
 * href="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md">gRPC over HTTP/2</a>.
 */
final class GrpcTimeout {
  private static final int MAX_DIGITS = 8;

  /** A hundred days: longer ones would only overflow. */
  private static final long MAX_NANOS = 100 * 86_400_000_000_000L;

  private GrpcTimeout() {}

  /** The timeout in nanoseconds; -1 when the value is malformed, which gRPC servers ignore, too. */
  static long nanos(CharSequence value) {
    int digits = value.length() - 1;
    if (digits < 1 || digits > MAX_DIGITS) {
      return -1;
    }
    long n = 0;
    for (int i = 0; i < digits; i++) {
      int digit = value.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      n = n * 10 + digit;
    }
    long unit = unitNanos(value.charAt(digits));
    return unit < 0 ? -1 : Math.min(n, MAX_NANOS / unit) * unit;
  }

  private static long unitNanos(char unit) {
    return switch (unit) {
      case 'H' -> 3_600_000_000_000L;
      case 'M' -> 60_000_000_000L;
      case 'S' -> 1_000_000_000L;
      case 'm' -> 1_000_000L;
      case 'u' -> 1_000L;
      case 'n' -> 1L;
      default -> -1;
    };
  }
}
