"""What the scripts beside this one share: how long steps are, and taking them."""
import torch
from make_families import pack

STEPS, WARMUP = 4, 2
OPTIONS = {"rate": 1e-3, "beta1": 0.9, "beta2": 0.98, "epsilon": 1e-6, "decay": 0.05, "clip": 1.0}


def rate_at(step):
    """Up in a line over WARMUP steps, then down to 0 behind the last one."""
    if step <= WARMUP:
        return OPTIONS["rate"] * step / WARMUP
    return OPTIONS["rate"] * (STEPS + 1 - step) / (STEPS + 1 - WARMUP)


def take(case, trained, loss_of, decays=True):
    """Trains what is named in `trained`, of which matrices decay; what came of it, as the golden has it."""
    matrices = [value for value in trained.values() if value.dim() == 2 and decays]
    others = [value for value in trained.values() if value.dim() != 2 or not decays]
    groups = [{"params": matrices, "weight_decay": OPTIONS["decay"]}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW([group for group in groups if group["params"]], lr=1.0,
                                  betas=(OPTIONS["beta1"], OPTIONS["beta2"]), eps=OPTIONS["epsilon"])
    losses, norms = [], []
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(list(trained.values()), case.get("clip", OPTIONS["clip"]))))
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step)
        optimizer.step()
        losses.append(float(loss.detach()))
    print(f"{case['name']}: losses {losses}, norms {norms}", flush=True)
    return case | {"losses": losses, "weights": {name: pack(value.detach().numpy()) for name, value in trained.items()}}
