package io.scopegate.gateway.telemetry;

import java.util.Map;

/**
 * How the conversation with the cluster stands.
 *
 * @param followed for each kind of object that is watched, whether its changes are told now; where
 *     they are not, they act when cached answers end
 * @param circuitOpen whether the API server does not answer and is only probed
 * @param issuerKeys for each issuer of tokens, how many of its keys are known; with 0 its tokens
 *     cannot be checked here
 */
public record ClusterState(
    Map<String, Boolean> followed, boolean circuitOpen, Map<String, Integer> issuerKeys) {

  /** Copies the maps. */
  public ClusterState {
    followed = Map.copyOf(followed);
    issuerKeys = Map.copyOf(issuerKeys);
  }
}
