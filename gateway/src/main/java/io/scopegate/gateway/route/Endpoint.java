package io.scopegate.gateway.route;

/**
 * One row of the endpoint table.
 *
 * @param name the row's name, used as a bounded metric label, for example {@code /api/search} or
 *     {@code tempopb.StreamingQuerier/Search}
 * @param grpc whether the call is gRPC
 * @param operation what it does
 * @param ingest whether a client that is refused for a passing reason keeps data it would otherwise
 *     lose: decides some answers ({@code 503} rather than {@code 500})
 * @param verb what is reviewed for a request that is proxied; empty where the operation decides
 */
public record Endpoint(
    String name, boolean grpc, Operation operation, boolean ingest, String verb) {

  /** One whose operation decides what is reviewed. */
  public Endpoint(String name, boolean grpc, Operation operation, boolean ingest) {
    this(name, grpc, operation, ingest, "");
  }

  /** Whether it is proxied: reviewed by its verb, and for no tenant. */
  public boolean isProxied() {
    return !verb.isEmpty();
  }
}
