package io.scopegate.gateway.meter;

import org.jspecify.annotations.Nullable;

/** The first {@code start}, {@code end} and {@code since} of a query string. */
final class RangeParameters implements QueryParameters.Taker {
  private @Nullable String start;
  private @Nullable String end;
  private @Nullable String since;

  RangeParameters(CharSequence query) {
    QueryParameters.read(query, this);
  }

  @Nullable String start() {
    return start;
  }

  @Nullable String end() {
    return end;
  }

  @Nullable String since() {
    return since;
  }

  @Override
  public void take(String name, QueryParameters.Value value) {
    switch (name) {
      case "start" -> start = start == null ? value.text() : start;
      case "end" -> end = end == null ? value.text() : end;
      case "since" -> since = since == null ? value.text() : since;
      default -> {}
    }
  }
}
