package io.scopegate.authz.kubernetes;

/** A collection of the API that is listed and watched. */
interface Watched {
  /** The name in paths, logs and metrics. */
  String plural();

  /** The collection, from the root. */
  String path();

  /** Which of it, as a label selector; empty for all. */
  default String selector() {
    return "";
  }

  /** How long it is left alone when the gateway has no right to it. */
  default long refusedMillis() {
    return 60_000;
  }

  /** How a list is asked for. */
  default String acceptList() {
    return "application/json";
  }

  /** How a watch is asked for. */
  default String acceptWatch() {
    return "application/json";
  }
}
