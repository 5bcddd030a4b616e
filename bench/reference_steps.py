"""Reference training-step times in PyTorch, on the reference networks (see README.md beside this file).

Usage: python3 reference_steps.py [--workload NAME ...] [--steps N] [--repeats R] [--threads T]
Prints one JSON object a line: {"workload", "unit", "median", "min", "max", "steps"} in milliseconds,
and first {"workload": "sgemm", "unit": "GFLOP/s", ...}: the matrix-multiply rate of the same machine
in the same minute, the practical ceiling for the convolutions.
Needs only torch (pip install torch). Eager mode, float32, as a PyTorch user would write it.
"""

import argparse
import json
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

BATCH, LATENT, DIM = 64, 128, 64


class Generator(nn.Module):
    """z -> 4x4x4d -> 8x8x2d, cut to 7x7 -> 14x14xd -> 28x28x1; 5x5 kernels, stride 2."""

    def __init__(self, norm):
        super().__init__()
        self.fc = nn.Linear(LATENT, 16 * 4 * DIM)
        self.up1 = nn.ConvTranspose2d(4 * DIM, 2 * DIM, 5, 2, 2, 1)
        self.up2 = nn.ConvTranspose2d(2 * DIM, DIM, 5, 2, 2, 1)
        self.up3 = nn.ConvTranspose2d(DIM, 1, 5, 2, 2, 1)
        self.n0, self.n1, self.n2 = (
            (nn.BatchNorm2d(4 * DIM), nn.BatchNorm2d(2 * DIM), nn.BatchNorm2d(DIM)) if norm
            else (nn.Identity(), nn.Identity(), nn.Identity()))

    def forward(self, z):
        h = F.relu(self.n0(self.fc(z).view(-1, 4 * DIM, 4, 4)))
        h = F.relu(self.n1(self.up1(h)))[:, :, :7, :7]
        h = F.relu(self.n2(self.up2(h)))
        return torch.tanh(self.up3(h))


class Discriminator(nn.Module):
    """28x28x1 -> 14x14xd -> 7x7x2d -> 4x4x4d -> 1; 5x5 kernels, stride 2, LeakyReLU(0.2)."""

    def __init__(self, norm):
        super().__init__()
        self.c1 = nn.Conv2d(1, DIM, 5, 2, 2)
        self.c2 = nn.Conv2d(DIM, 2 * DIM, 5, 2, 2)
        self.c3 = nn.Conv2d(2 * DIM, 4 * DIM, 5, 2, 2)
        self.fc = nn.Linear(16 * 4 * DIM, 1)
        self.n2, self.n3 = ((nn.BatchNorm2d(2 * DIM), nn.BatchNorm2d(4 * DIM)) if norm
                            else (nn.Identity(), nn.Identity()))

    def forward(self, x):
        h = F.leaky_relu(self.c1(x), 0.2)
        h = F.leaky_relu(self.n2(self.c2(h)), 0.2)
        h = F.leaky_relu(self.n3(self.c3(h)), 0.2)
        return self.fc(h.flatten(1))


def wgan_gp():
    """One iteration: five critic steps with gradient penalty (weight 10), then one generator step."""
    g, d = Generator(False), Discriminator(False)
    og = torch.optim.Adam(g.parameters(), 1e-4, (0.5, 0.9))
    od = torch.optim.Adam(d.parameters(), 1e-4, (0.5, 0.9))
    real = torch.rand(BATCH, 1, 28, 28) * 2 - 1

    def critic():
        with torch.no_grad():
            fake = g(torch.randn(BATCH, LATENT))
        mix = torch.rand(BATCH, 1, 1, 1)
        x = (real + mix * (fake - real)).requires_grad_(True)
        grad = torch.autograd.grad(d(x).sum(), x, create_graph=True)[0]
        norm = (grad.square().sum((1, 2, 3)) + 1e-12).sqrt()
        loss = d(fake).mean() - d(real).mean() + 10 * ((norm - 1) ** 2).mean()
        od.zero_grad()
        loss.backward()
        od.step()

    def step():
        for _ in range(5):
            critic()
        loss = -d(g(torch.randn(BATCH, LATENT))).mean()
        og.zero_grad()
        loss.backward()
        og.step()

    return step


def dcgan():
    """One discriminator step and one generator step, non-saturating loss, batch norm in both nets."""
    g, d = Generator(True), Discriminator(True)
    og = torch.optim.Adam(g.parameters(), 2e-4, (0.5, 0.999))
    od = torch.optim.Adam(d.parameters(), 2e-4, (0.5, 0.999))
    real = torch.rand(BATCH, 1, 28, 28) * 2 - 1

    def step():
        fake = g(torch.randn(BATCH, LATENT))
        loss = F.softplus(-d(real)).mean() + F.softplus(d(fake.detach())).mean()
        od.zero_grad()
        loss.backward()
        od.step()
        loss = F.softplus(-d(fake)).mean()
        og.zero_grad()
        loss.backward()
        og.step()

    return step


def vae():
    """One Adam step of a 784-600-600-50 / 50-600-600-784 softplus VAE, Bernoulli likelihood, batch 128."""
    n = 128
    enc = nn.Sequential(nn.Linear(784, 600), nn.Softplus(), nn.Linear(600, 600), nn.Softplus(), nn.Linear(600, 100))
    dec = nn.Sequential(nn.Linear(50, 600), nn.Softplus(), nn.Linear(600, 600), nn.Softplus(), nn.Linear(600, 784))
    opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], 1e-3)
    x = torch.rand(n, 784)

    def step():
        mean, logvar = enc(x).chunk(2, 1)
        z = mean + (logvar / 2).exp() * torch.randn(n, 50)
        recon = F.binary_cross_entropy_with_logits(dec(z), x, reduction="sum") / n
        kl = -0.5 * (1 + logvar - mean.square() - logvar.exp()).sum(1).mean()
        opt.zero_grad()
        (recon + kl).backward()
        opt.step()

    return step


def gan2d():
    """One discriminator and one generator step of a GAN on the plane: 2-8-8-2 and 2-8-8-1, batch 150, Adam."""
    n = 150

    def mlp(out):
        return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, out))

    g, d = mlp(2), mlp(1)
    og, od = torch.optim.Adam(g.parameters(), 1e-3), torch.optim.Adam(d.parameters(), 1e-3)
    real = torch.randn(n, 2)

    def step():
        fake = g(torch.rand(n, 2))
        loss = F.softplus(-d(real)).mean() + F.softplus(d(fake.detach())).mean()
        od.zero_grad()
        loss.backward()
        od.step()
        loss = F.softplus(-d(fake)).mean()
        og.zero_grad()
        loss.backward()
        og.step()

    return step


WORKLOADS = {"wgan-gp": (wgan_gp, 3), "dcgan": (dcgan, 8), "vae": (vae, 60), "gan2d": (gan2d, 400)}


def sgemm(size=2048, count=6):
    a, b = torch.rand(size, size), torch.rand(size, size)
    a @ b
    start = time.perf_counter()
    for _ in range(count):
        a @ b
    return count * 2 * size**3 / (time.perf_counter() - start) / 1e9


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--workload", action="append", choices=list(WORKLOADS))
    p.add_argument("--steps", type=int, help="steps timed in one repeat (default: by workload)")
    p.add_argument("--repeats", type=int, default=5)
    p.add_argument("--threads", type=int)
    a = p.parse_args()
    if a.threads:
        torch.set_num_threads(a.threads)
    rates = [sgemm() for _ in range(3)]
    print(json.dumps({"workload": "sgemm", "unit": "GFLOP/s", "median": round(statistics.median(rates), 1)}), flush=True)
    for name in a.workload or WORKLOADS:
        make, steps = WORKLOADS[name]
        steps, step, times = a.steps or steps, make(), []
        step()
        for _ in range(a.repeats):
            start = time.perf_counter()
            for _ in range(steps):
                step()
            times.append((time.perf_counter() - start) / steps * 1e3)
        print(json.dumps({"workload": name, "unit": "ms/step", "median": round(statistics.median(times), 3),
                          "min": round(min(times), 3), "max": round(max(times), 3), "steps": steps}), flush=True)


if __name__ == "__main__":
    main()
