package io.scopegate.gateway.admin;

import io.scopegate.gateway.explain.ExplainRequest;
import io.scopegate.gateway.explain.Explanation;
import io.scopegate.gateway.telemetry.ClusterState;
import io.scopegate.gateway.telemetry.LastReload;
import io.scopegate.gateway.telemetry.RecentRefusals;
import io.scopegate.gateway.telemetry.UpstreamEndpointState;
import io.scopegate.gateway.tls.TlsUse;
import io.scopegate.gateway.traffic.Figures;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;

/** What the console shows of the running gateway. */
public interface Console {
  /**
   * What would happen to a request now.
   *
   * @return completes on the calling event loop when everybody was asked who has to be
   * @throws IllegalArgumentException when the listener is not there, or when several serve it
   */
  Future<Explanation> explain(ExplainRequest inquiry);

  /** The configuration in force, secrets masked, in YAML; takes a moment. */
  String configuration();

  /** How the conversation with the cluster stands. */
  ClusterState cluster();

  /** How the servers of each upstream are doing, by the upstream's name. */
  Map<String, List<UpstreamEndpointState>> upstreams();

  /** The last refusals, the last one first. */
  List<RecentRefusals.Noted> refusals();

  /** What has passed so far, and what is used; takes a moment. */
  Figures figures();

  /** The certificates in use, by the key that names them. */
  Map<String, TlsUse> certificates();

  /** What became of the last reload. */
  LastReload lastReload();

  /** Whether the configuration file is there and in force. */
  boolean isConfigurationCurrent();
}
