package io.scopegate.gateway.forward;

import io.scopegate.gateway.forward.AddressLookUp.Target;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Endpoints by name or address; a name stands for all its addresses. */
final class ListedEndpoints implements EndpointSource {
  private final List<Target> targets;
  private final NameResolver names;

  ListedEndpoints(List<UpstreamPlace> places, NameResolver names) {
    this.targets = places.stream().map(Target::of).toList();
    this.names = names;
  }

  @Override
  public @Nullable List<EndpointAddress> known() {
    return targets.stream().allMatch(Target::isAddress)
        ? targets.stream().map(Target::address).toList()
        : null;
  }

  @Override
  public void lookUp(Answer answer) {
    AddressLookUp.start(targets, names, answer);
  }
}
