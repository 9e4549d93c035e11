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
 * @param pauses who may be silent for as long as the exchange may take
 * @param verb what is reviewed for a request that is proxied; empty where the operation decides
 */
public record Endpoint(
    String name, boolean grpc, Operation operation, boolean ingest, Pauses pauses, String verb) {

  /** Whose silence means nothing: there is a conversation that waits for something to happen. */
  public enum Pauses {
    /** Nobody's: a request is sent and an answer is given. */
    NONE,
    /** The server's, once its answer has begun: it sends events. */
    ANSWER,
    /** Both: the client sends messages as it has some, the server may never say anything. */
    BOTH
  }

  /** An endpoint where silence means that something is wrong. */
  public Endpoint(String name, boolean grpc, Operation operation, boolean ingest) {
    this(name, grpc, operation, ingest, Pauses.NONE);
  }

  /** One whose operation decides what is reviewed. */
  public Endpoint(String name, boolean grpc, Operation operation, boolean ingest, Pauses pauses) {
    this(name, grpc, operation, ingest, pauses, "");
  }

  /** One that is proxied. */
  public Endpoint(String name, boolean grpc, Operation operation, boolean ingest, String verb) {
    this(name, grpc, operation, ingest, Pauses.NONE, verb);
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
