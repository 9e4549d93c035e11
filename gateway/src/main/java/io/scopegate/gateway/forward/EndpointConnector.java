package io.scopegate.gateway.forward;

import io.scopegate.gateway.exchange.LoopContext;

/** What the connectors of an upstream have in common. */
abstract class EndpointConnector implements Connector {
  final String name;
  final UpstreamConfig config;
  final LoopContext worker;

  EndpointConnector(String name, UpstreamConfig config, LoopContext worker) {
    this.name = name;
    this.config = config;
    this.worker = worker;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final LoopContext worker() {
    return worker;
  }

  @Override
  public final UpstreamConfig config() {
    return config;
  }
}
