package io.scopegate.gateway.admin;

/** {@code grpc.health.v1.HealthCheckResponse.ServingStatus}. */
enum ServingStatus {
  SERVING(1),
  NOT_SERVING(2),
  SERVICE_UNKNOWN(3);

  private final byte number;

  ServingStatus(int number) {
    this.number = (byte) number;
  }

  /** A {@code HealthCheckResponse} with this status: field 1, a varint. */
  byte[] message() {
    return new byte[] {1 << 3, number};
  }
}
