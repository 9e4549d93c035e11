package io.scopegate.gateway.meter;

/**
 * Where a request says how much it wants to get: numbers of its message's fields, 0 for none. Over
 * HTTP it is in the query of the request target, whatever the endpoint.
 *
 * @param results the field with the number of results: traces, tags or values
 * @param spans the field with the number of spans for each trace
 * @param exemplars the field with the number of exemplars
 * @see <a href="https://github.com/grafana/tempo/blob/main/pkg/tempopb/tempo.proto">Tempo's
 *     messages</a>
 */
public record SizePlace(int results, int spans, int exemplars) {
  /** Nowhere in a message. */
  public static final SizePlace NOWHERE = new SizePlace(0, 0, 0);

  /** In the fields of a search. */
  public static SizePlace search(int results, int spans) {
    return new SizePlace(results, spans, 0);
  }

  /** In the field of a question for tags or values. */
  public static SizePlace results(int results) {
    return new SizePlace(results, 0, 0);
  }

  /** In the field of a query for metrics. */
  public static SizePlace exemplars(int exemplars) {
    return new SizePlace(0, 0, exemplars);
  }

  /** Whether the message says nothing about it. */
  public boolean isNowhere() {
    return results == 0 && spans == 0 && exemplars == 0;
  }
}
