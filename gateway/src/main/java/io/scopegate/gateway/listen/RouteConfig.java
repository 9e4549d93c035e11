package io.scopegate.gateway.listen;

import io.scopegate.config.Key;
import io.scopegate.gateway.route.Protocol;
import java.util.List;

/**
 * Which endpoints go to which upstream.
 *
 * @param serves what is served
 * @param upstream the upstream's name
 */
public record RouteConfig(
    @Key(doc = "What the route serves.", reload = Key.Reload.AT_ONCE) List<Protocol> serves,
    @Key(doc = "Name of the upstream that requests go to.", reload = Key.Reload.AT_ONCE)
        String upstream) {

  /** Copies the list. */
  public RouteConfig {
    serves = List.copyOf(serves);
  }
}
