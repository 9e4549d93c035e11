package io.scopegate.gateway.telemetry;

import java.util.Map;

/**
 * State of the connection to the cluster.
 *
 * @param followed for each kind of object that is watched, whether its changes are received now;
 *     otherwise they take effect when cached answers expire
 * @param circuitOpen whether the API server does not answer and is only probed
 * @param issuerKeys for each issuer of tokens, how many of its keys are loaded; with 0 its tokens
 *     cannot be verified locally
 */
public record ClusterState(
    Map<String, Boolean> followed, boolean circuitOpen, Map<String, Integer> issuerKeys) {

  /** Copies the maps. */
  public ClusterState {
    followed = Map.copyOf(followed);
    issuerKeys = Map.copyOf(issuerKeys);
  }
}
