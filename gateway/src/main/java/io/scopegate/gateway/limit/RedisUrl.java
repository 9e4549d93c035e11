package io.scopegate.gateway.limit;

import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StaticCredentialsProvider;
import io.scopegate.config.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the URL of a store: {@code
 * redis://[user:password@]host[:port][,host[:port]...][/database]}, or {@code rediss://} with TLS.
 * Messages never tell anything of it, because it may hold a password.
 */
final class RedisUrl {
  /** The longest time to connect, and to wait for an answer. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final int MOST_SERVERS = 32;
  private static final int SENTINEL_PORT = 26_379;

  private RedisUrl() {}

  /**
   * The servers of a URL, in its order.
   *
   * @param defaultPort of those without a port
   * @throws IllegalArgumentException when it is not a URL of Redis; without a cause
   */
  static List<RedisURI> servers(Secret url, int defaultPort) {
    String text = url.reveal();
    int scheme = text.indexOf("://");
    int begin = scheme < 0 ? -1 : scheme + 3;
    int path = begin < 0 ? -1 : text.indexOf('/', begin);
    int end = path < 0 ? text.length() : path;
    int at = begin < 0 ? -1 : text.lastIndexOf('@', end - 1);
    if (begin < 0) {
      throw new IllegalArgumentException("not a URL of Redis");
    }
    int hosts = Math.max(begin, at + 1);
    List<RedisURI> servers = new ArrayList<>();
    for (String host : text.substring(hosts, end).split(",", -1)) {
      servers.add(one(text.substring(0, hosts) + host + text.substring(end), defaultPort));
    }
    if (servers.size() > MOST_SERVERS) {
      throw new IllegalArgumentException("more than " + MOST_SERVERS + " servers");
    }
    return servers;
  }

  private static RedisURI one(String text, int defaultPort) {
    try {
      URI parsed = new URI(text);
      if (!List.of("redis", "rediss").contains("" + parsed.getScheme())
          || parsed.getHost() == null
          || parsed.getPort() > 65_535
          || parsed.getRawQuery() != null
          || parsed.getRawFragment() != null
          || !("" + parsed.getRawPath()).matches("(/\\d{0,4})?")) {
        throw new IllegalArgumentException("not a URL of Redis");
      }
      RedisURI uri = RedisURI.create(parsed);
      if (parsed.getPort() < 0) {
        uri.setPort(defaultPort);
      }
      uri.setTimeout(PATIENCE);
      uri.setClientName("scopegate");
      return uri;
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("not a URL"); // its message would have the password
    }
  }

  /** The one server of a URL that names no other. */
  static RedisURI single(Secret url) {
    List<RedisURI> servers = servers(url, RedisURI.DEFAULT_REDIS_PORT);
    if (servers.size() != 1) {
      throw new IllegalArgumentException("several servers");
    }
    return servers.get(0);
  }

  /**
   * The master that the Sentinels of a URL know: user, password and database of the URL are the
   * master's.
   */
  static RedisURI master(Secret url, StoreConfig.SentinelConfig sentinel) {
    List<RedisURI> sentinels = servers(url, SENTINEL_PORT);
    RedisURI master = RedisURI.builder(sentinels.get(0)).build();
    master.setSentinelMasterId(sentinel.master());
    master.setTimeout(PATIENCE);
    master.setClientName("scopegate");
    for (RedisURI each : sentinels) {
      each.setDatabase(0);
      each.setCredentialsProvider(credentials(sentinel));
      master.getSentinels().add(each);
    }
    return master;
  }

  private static RedisCredentialsProvider credentials(StoreConfig.SentinelConfig sentinel) {
    Secret password = sentinel.password();
    return new StaticCredentialsProvider(
        sentinel.user(), password == null ? null : password.reveal().toCharArray());
  }

  /** Whether a store's URL can be used with what is configured beside it. */
  static boolean accepts(StoreConfig config, Secret url) {
    try {
      return config.cluster() || config.sentinel() != null
          ? servers(url, RedisURI.DEFAULT_REDIS_PORT).stream()
              .noneMatch(u -> badDatabase(config, u))
          : single(url) != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** A cluster has no databases. */
  private static boolean badDatabase(StoreConfig config, RedisURI server) {
    return config.cluster() && server.getDatabase() != 0;
  }
}
