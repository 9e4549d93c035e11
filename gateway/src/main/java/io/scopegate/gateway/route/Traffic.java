package io.scopegate.gateway.route;

import io.scopegate.gateway.meter.CostPlace;
import io.scopegate.gateway.meter.RangePlace;
import io.scopegate.gateway.meter.SizePlace;

/**
 * How limits and deadlines treat the requests of an endpoint. There is no default: the author of an
 * endpoint down says all of it.
 *
 * @param kind what they are charged as
 * @param range where a read says which range of time it asks for
 * @param size where a call that reads says how much it wants to get
 * @param cost where an answer says what the query cost
 * @param pauses who may be silent for as long as the exchange may take
 */
public record Traffic(Kind kind, RangePlace range, SizePlace size, CostPlace cost, Pauses pauses) {
  /** Sends spans to be stored. */
  public static final Traffic INGEST =
      new Traffic(
          Kind.INGEST, RangePlace.NOWHERE, SizePlace.NOWHERE, CostPlace.NOWHERE, Pauses.NONE);

  /** Sends spans for as long as the client lives; only the client speaks. */
  public static final Traffic INGEST_STREAM =
      new Traffic(
          Kind.INGEST, RangePlace.NOWHERE, SizePlace.NOWHERE, CostPlace.NOWHERE, Pauses.BOTH);

  /** Sends something to be stored, and keeps nothing that would be lost. */
  public static final Traffic WRITE =
      new Traffic(
          Kind.WRITE, RangePlace.NOWHERE, SizePlace.NOWHERE, CostPlace.NOWHERE, Pauses.NONE);

  /** Asks by HTTP and gets one answer, which says nothing of its cost. */
  public static final Traffic QUERY = query(CostPlace.NOWHERE);

  /** Asks by HTTP; the answer may be events, minutes apart. */
  public static final Traffic EVENTS =
      new Traffic(
          Kind.STREAM,
          RangePlace.QUERY_STRING,
          SizePlace.NOWHERE,
          CostPlace.NOWHERE,
          Pauses.ANSWER);

  /** Involves no tenant: nothing is charged. */
  public static final Traffic NONE =
      new Traffic(Kind.NONE, RangePlace.NOWHERE, SizePlace.NOWHERE, CostPlace.NOWHERE, Pauses.NONE);

  /** What a request is charged as. */
  public enum Kind {
    /** Spans to be stored, which the client drops after a permanent refusal. */
    INGEST,
    /** Anything else to be stored. */
    WRITE,
    /** A read with one answer, or a change of a tenant's configuration. */
    QUERY,
    /** A read whose answer goes on. */
    STREAM,
    /** Nothing: it is for no tenant. */
    NONE
  }

  /** Which side may be silent: an open stream may wait for something to happen. */
  public enum Pauses {
    /** Nobody's: a request is sent and an answer is given. */
    NONE,
    /** The server's, once its answer has begun: it sends events. */
    ANSWER,
    /** Both: the client sends messages as it has some, the server may never say anything. */
    BOTH
  }

  /** A gRPC call that reads, whose answer goes on. */
  static Traffic calls(RangePlace range, SizePlace size, CostPlace cost) {
    return new Traffic(Kind.STREAM, range, size, cost, Pauses.NONE);
  }

  /** Asks by HTTP and gets one answer. */
  static Traffic query(CostPlace cost) {
    return new Traffic(Kind.QUERY, RangePlace.QUERY_STRING, SizePlace.NOWHERE, cost, Pauses.NONE);
  }

  /** Whether something is stored. */
  public boolean stores() {
    return kind == Kind.INGEST || kind == Kind.WRITE;
  }

  /** Whether such requests may be of an endpoint with this operation. */
  boolean fits(Operation operation) {
    return switch (kind) {
      case INGEST, WRITE -> operation == Operation.WRITE;
      case QUERY, STREAM -> operation == Operation.READ || operation == Operation.ADMIN;
      case NONE -> operation == Operation.OPEN || operation == Operation.PUBLIC;
    };
  }
}
