package io.scopegate.gateway.limit;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.async.RedisScriptingAsyncCommands;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.scopegate.config.Secret;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Connects to Redis as it is configured: one server, the master that Sentinels know, or a cluster.
 * A connection never reconnects by itself: after an error the servers are asked again who the
 * master is and which node has the slot.
 */
final class RedisConnections implements AutoCloseable {
  private static final long CLOSE_SECONDS = 2;

  private final ClientResources resources;
  private final AbstractRedisClient client;
  private final Connector connector;
  private final String shown;

  private interface Connector {
    CompletionStage<Connection> connect();
  }

  /**
   * An open connection.
   *
   * @param connection to close it by
   * @param scripts what it can run
   */
  record Connection(
      StatefulConnection<String, String> connection,
      RedisScriptingAsyncCommands<String, String> scripts) {
    boolean isOpen() {
      return connection.isOpen();
    }

    /** Runs a script; completes with its answer on a thread of the client. */
    <T> CompletionStage<T> eval(
        String script, ScriptOutputType output, String[] keys, String... arguments) {
      return scripts.eval(script, output, keys, arguments);
    }

    void closeAsync() {
      connection.closeAsync();
    }
  }

  private RedisConnections(
      ClientResources resources, AbstractRedisClient client, Connector connector, String shown) {
    this.resources = resources;
    this.client = client;
    this.connector = connector;
    this.shown = shown;
  }

  /** Opens nothing yet. */
  static RedisConnections of(StoreConfig config) {
    ClientResources resources =
        ClientResources.builder()
            .ioThreadPoolSize(2)
            .computationThreadPoolSize(2)
            .commandLatencyRecorder(CommandLatencyRecorder.disabled())
            .nettyCustomizer(RedisAnswerBounds.customizer())
            .build();
    Secret url = Objects.requireNonNull(config.url(), "url");
    if (config.cluster()) {
      return cluster(resources, url, config.caFile());
    }
    StoreConfig.SentinelConfig sentinel = config.sentinel();
    RedisURI uri = sentinel == null ? RedisUrl.single(url) : RedisUrl.master(url, sentinel);
    RedisClient client = RedisClient.create(resources);
    client.setOptions(options(ClientOptions.builder(), config.caFile()).build());
    Connector connector =
        () ->
            client
                .connectAsync(StringCodec.UTF8, uri)
                .thenApply(open -> new Connection(open, open.async()));
    String shown = sentinel == null ? hostPort(uri) : "master " + sentinel.master();
    return new RedisConnections(resources, client, connector, shown);
  }

  private static RedisConnections cluster(
      ClientResources resources, Secret url, @Nullable Path caFile) {
    var seeds = RedisUrl.servers(url, RedisURI.DEFAULT_REDIS_PORT);
    RedisClusterClient client = RedisClusterClient.create(resources, seeds);
    client.setOptions(
        ((ClusterClientOptions.Builder) options(ClusterClientOptions.builder(), caFile))
            // connections to nodes are opened by the first command that needs them
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.ACCEPT_COMMANDS)
            .topologyRefreshOptions(
                ClusterTopologyRefreshOptions.builder()
                    .enableAllAdaptiveRefreshTriggers()
                    .adaptiveRefreshTriggersTimeout(RedisUrl.PATIENCE)
                    .build())
            .build());
    Connector connector =
        () ->
            client
                .refreshPartitionsAsync()
                .thenCompose(done -> client.connectAsync(StringCodec.UTF8))
                .thenApply(open -> new Connection(open, open.async()));
    String shown =
        "cluster "
            + seeds.stream().map(RedisConnections::hostPort).collect(Collectors.joining(","));
    return new RedisConnections(resources, client, connector, shown);
  }

  private static String hostPort(RedisURI uri) {
    return uri.getHost() + ":" + uri.getPort();
  }

  private static ClientOptions.Builder options(
      ClientOptions.Builder builder, @Nullable Path caFile) {
    SslOptions.Builder ssl =
        SslOptions.builder().jdkSslProvider().handshakeTimeout(RedisUrl.PATIENCE);
    if (caFile != null) {
      ssl.trustManager(caFile.toFile());
    }
    return builder
        .autoReconnect(false)
        .protocolVersion(ProtocolVersion.RESP2)
        .maintNotificationsConfig(MaintNotificationsConfig.disabled())
        .socketOptions(
            SocketOptions.builder().connectTimeout(RedisUrl.PATIENCE).keepAlive(true).build())
        .sslOptions(ssl.build());
  }

  /** Opens a connection; completes on a thread of the client. */
  CompletionStage<Connection> connect() {
    return connector.connect();
  }

  /** Where Redis is, without a password. */
  String shown() {
    return shown;
  }

  @Override
  public void close() {
    client.shutdownAsync(0, CLOSE_SECONDS, TimeUnit.SECONDS);
    resources.shutdown(0, CLOSE_SECONDS, TimeUnit.SECONDS);
  }
}
