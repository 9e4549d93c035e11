package io.scopegate.gateway.route;

/**
 * The endpoint of a request: one row of the endpoint table, or any proxied path.
 *
 * @param name the row's name, used as a bounded metric label, for example {@code /api/search} or
 *     {@code tempopb.StreamingQuerier/Search}
 * @param grpc whether the call is gRPC
 * @param operation what it does
 * @param traffic what its requests are to limits and deadlines
 * @param verb what is reviewed for a request that is proxied; empty where the operation decides
 */
public record Endpoint(
    String name, boolean grpc, Operation operation, Traffic traffic, String verb) {

  /** Refuses an operation that does not fit its traffic. */
  public Endpoint {
    if (!traffic.fits(operation)) {
      throw new IllegalArgumentException(
          name + ": " + operation + " as " + traffic.kind() + " (expected: what it is)");
    }
  }

  /** An endpoint whose operation decides what is reviewed. */
  public Endpoint(String name, boolean grpc, Operation operation, Traffic traffic) {
    this(name, grpc, operation, traffic, "");
  }

  /**
   * Whether a client that is refused for a passing reason keeps data it would otherwise lose:
   * decides some answers ({@code 503} rather than {@code 500}).
   */
  public boolean ingest() {
    return traffic.kind() == Traffic.Kind.INGEST;
  }

  /** Which side may be silent for as long as the exchange may last. */
  public Traffic.Pauses pauses() {
    return traffic.pauses();
  }

  /** Whether it stands for whatever is proxied, reviewed or not, and so for any path. */
  public boolean isAnyPath() {
    return isProxied() || operation == Operation.PUBLIC;
  }

  /** Whether it is proxied: reviewed by its verb, and for no tenant. */
  public boolean isProxied() {
    return !verb.isEmpty();
  }
}
